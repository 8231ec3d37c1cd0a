import { Normal } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { sigmoidCrossEntropy } from '../internal/sigmoid-cross-entropy.ts';
import { countWeights, type LayerSummary } from '../internal/weights.ts';
import { bitsOfBytes, bytesOfBits } from '../tokun/bits.ts';
import { type ByteVaeConfig, complete } from './config.ts';
import { type Pass, unetBlock, usualGroups, WeightMaker } from './unet.ts';

const BITS = 8;
const BYTES = 256;

/** Log-variances of the posterior stay within. */
const LOG_VARIANCES = [-30, 20] as const;

const NO_DROPOUT: Pass = { dropout: 0, nextSeed: () => 0 };

/**
 * Variational auto-encoder of images of bytes, such as text folded along a Hilbert curve.
 *
 *   prior       p(z)     = Normal(0, 1)         z [B, h, w, C], C the last width, h and w half of H and W for every width
 *   posterior   q(z | x) = Normal(loc, scale)   by a U-net encoder without skips
 *   likelihood  p(x | z) = Bernoulli(logits)    of the 8 bits of each byte, the most significant first
 * A byte is a row of a table, with learned positions along both axes; blocks have residual convolutions, group normalisation and attention.
 * Source: tokun (apehex, 2025), version 0.18, as its notebook sets it up; the projections of a context that it never uses are left out.
 */
export class ByteVae {
  readonly config: Readonly<Required<ByteVaeConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly encoder: (x: tf.Tensor4D, pass: Pass) => tf.Tensor4D;
  private readonly decoder: (z: tf.Tensor4D, pass: Pass) => tf.Tensor4D;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: ByteVaeConfig = {}) {
    this.config = complete(config);
    const { side, token, embedding, widths, heads, seed } = this.config;
    const maker = new WeightMaker(seed);
    const attended = (width: number) => ({ heads, size: Math.max(1, Math.floor(width / 4)) });
    const groupsOf = (width: number, inputs: number) => divisor(Math.max(1, Math.floor(width / 8)), width, inputs);
    const plain = (name: string, inputs: number, outputs: number) =>
      unetBlock(maker, name, { inputs, outputs, groups: divisor(usualGroups(outputs), outputs, inputs) });
    const [first, last] = [widths[0]!, widths.at(-1)!];
    let made: { encoder: ByteVae['encoder']; decoder: ByteVae['decoder'] };
    tf.tidy(() => {
      maker.uniform('encoder/embedding', [BYTES, embedding]);
      const rows = maker.uniform('encoder/rows', [side, token * embedding]);
      const columns = maker.uniform('encoder/columns', [side, token * embedding]);
      const down = [
        plain('encoder/block0', token * embedding, first),
        ...widths.map((outputs, i) => {
          const inputs = widths[i - 1] ?? first;
          const common = { inputs, outputs, groups: groupsOf(outputs, inputs), attention: attended(outputs) };
          return unetBlock(maker, `encoder/block${i + 1}`, { ...common, sampling: 'down' });
        }),
        plain(`encoder/block${widths.length + 1}`, last, 2 * last),
      ];
      const reversed = [...widths].reverse();
      const up = [
        ...reversed.map((outputs, i) => {
          const inputs = reversed[i - 1] ?? last;
          const common = { inputs, outputs, groups: groupsOf(outputs, inputs), attention: attended(outputs) };
          return unetBlock(maker, `decoder/block${i + 1}`, { ...common, sampling: 'up' });
        }),
        plain(`decoder/block${widths.length + 1}`, first, BITS * token),
      ];
      made = {
        encoder: (x, pass) => {
          const placed = tf.add(tf.add(x, tf.expandDims(rows, 1)), columns) as tf.Tensor4D;
          return down.reduce((y, block) => block(y, pass), placed);
        },
        decoder: (z, pass) => up.reduce((y, block) => block(y, pass), z),
      };
    });
    this.encoder = made!.encoder;
    this.decoder = made!.decoder;
    this.weights = maker.weights;
  }

  /**
   * The scalar to minimise for bytes int32 [B, H, W, T]: nats a bit, a mean, plus `beta` (1e-2 if omitted) times the KL to the prior in nats,
   * summed over channels, a mean over batch and places. One draw of the posterior, and dropout.
   */
  loss(bytes: tf.Tensor, seed: number, { beta = 1e-2 }: { beta?: number } = {}): tf.Scalar {
    const x = this.checkBytes('loss', bytes);
    return tf.tidy(() => {
      const pass = this.training(foldIn(seed, 1));
      const { loc, logVariance } = this.posteriorOf(x, pass);
      const z = new Normal(loc, tf.exp(tf.mul(logVariance, 0.5))).sample({ seed: foldIn(seed, 0) });
      const nats = natsOf(this.decoder(z as tf.Tensor4D, pass), x);
      return tf.add(tf.div(tf.mean(nats), BITS), tf.mul(tf.mean(divergence(loc, logVariance)), beta)) as tf.Scalar;
    });
  }

  /** The posterior of bytes int32 [B, H, W, T]: loc and logVariance [B, h, w, C]; the latter stays within [-30, 20]. */
  posterior(bytes: tf.Tensor): { loc: tf.Tensor4D; logVariance: tf.Tensor4D } {
    const x = this.checkBytes('posterior', bytes);
    return tf.tidy(() => this.posteriorOf(x, NO_DROPOUT));
  }

  /** Its mean. */
  encode(bytes: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => this.posterior(bytes).loc);
  }

  /** Logits of the bits: z [B, h, w, C] -> [B, H, W, 8 T]. */
  logits(z: tf.Tensor): tf.Tensor4D {
    const codes = this.checkCodes('logits', z);
    return tf.tidy(() => this.decoder(codes, NO_DROPOUT));
  }

  /** The likeliest bytes, bit by bit: z [B, h, w, C] -> int32 [B, H, W, T]. */
  decode(z: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => bytesOfBits(this.logits(z)) as tf.Tensor4D);
  }

  /** `decode(encode(bytes))`. */
  reconstruct(bytes: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => this.decode(this.encode(bytes)));
  }

  /**
   * Of bytes int32 [B, H, W, T] under the mean of their posterior: nats and the likeliest value of every byte, of the same shape; and the KL of
   * each image to the prior, a sum over channels and places, [B].
   */
  evaluate(bytes: tf.Tensor): { nats: tf.Tensor4D; decoded: tf.Tensor4D; kl: tf.Tensor1D } {
    const x = this.checkBytes('evaluate', bytes);
    return tf.tidy(() => {
      const { loc, logVariance } = this.posteriorOf(x, NO_DROPOUT);
      const logits = this.decoder(loc, NO_DROPOUT);
      return {
        nats: natsOf(logits, x),
        decoded: bytesOfBits(logits) as tf.Tensor4D,
        kl: tf.sum(divergence(loc, logVariance), [1, 2]) as tf.Tensor1D,
      };
    });
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a block; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    const { side, token, embedding, widths } = this.config;
    const rows = new Map<string, number>();
    for (const [key, weight] of Object.entries(this.weights)) {
      const name = key.split('/').slice(0, 2).join('/');
      rows.set(name, (rows.get(name) ?? 0) + weight.size);
    }
    const shapeOf = (name: string): (number | null)[] => {
      const block = /^(encoder|decoder)\/block(\d+)$/.exec(name);
      if (!block) return [null, side, side, token * embedding];
      const i = Number(block[2]);
      const deepest = widths.length;
      if (block[1] === 'decoder') {
        const at = (side / 2 ** deepest) * 2 ** Math.min(i, deepest);
        return [null, at, at, i > deepest ? BITS * token : widths[deepest - i]!];
      }
      const at = side / 2 ** Math.min(i, deepest);
      return [null, at, at, i === 0 ? widths[0]! : i > deepest ? 2 * widths.at(-1)! : widths[i - 1]!];
    };
    return [...rows].map(([name, params]) => ({
      name,
      type: name.includes('/block') ? 'UnetBlock' : name.endsWith('embedding') ? 'Embedding' : 'Positions',
      outputShape: shapeOf(name),
      params,
    }));
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  /** Each dropout of a pass has its own seed. */
  private training(seed: number): Pass {
    let drawn = 0;
    return { dropout: this.config.dropout, nextSeed: () => foldIn(seed, drawn++) };
  }

  private posteriorOf(x: tf.Tensor4D, pass: Pass): { loc: tf.Tensor4D; logVariance: tf.Tensor4D } {
    const { token, embedding } = this.config;
    const [batch, height, width] = x.shape;
    const embedded = tf.gather(this.weights['encoder/embedding']!, tf.reshape(x, [x.size])); // [B H W T, E]
    const image = tf.reshape(embedded, [batch, height, width, token * embedding]) as tf.Tensor4D;
    const [loc, raw] = tf.split(this.encoder(image, pass), 2, -1) as [tf.Tensor4D, tf.Tensor4D];
    return { loc, logVariance: tf.clipByValue(raw, ...LOG_VARIANCES) };
  }

  private checkBytes(method: string, bytes: tf.Tensor): tf.Tensor4D {
    const { side, token } = this.config;
    const who = `ByteVae.${method}`;
    if (bytes.dtype !== 'int32') {
      throw new TypeError(`${who}: bytes must be int32, got ${bytes.dtype}. Convert them: tf.cast(bytes, 'int32').`);
    }
    const [batch, ...rest] = bytes.shape;
    if (!batch || String(rest) !== String([side, side, token])) {
      throw new RangeError(
        `${who}: bytes must be [B, ${side}, ${side}, ${token}] with B at least 1, got [${bytes.shape.join(', ')}].`,
      );
    }
    return bytes as tf.Tensor4D;
  }

  private checkCodes(method: string, z: tf.Tensor): tf.Tensor4D {
    const { side, widths } = this.config;
    const small = side / 2 ** widths.length;
    const [batch, ...rest] = z.shape;
    if (!batch || String(rest) !== String([small, small, widths.at(-1)])) {
      throw new RangeError(
        `ByteVae.${method}: codes must be [B, ${small}, ${small}, ${widths.at(-1)}] with B at least 1, got [${z.shape.join(', ')}].`,
      );
    }
    return z as tf.Tensor4D;
  }
}

/** KL of Normal(loc, exp(logVariance / 2)) from N(0, 1), summed over the channels: [B, h, w, C] -> [B, h, w]. */
function divergence(loc: tf.Tensor4D, logVariance: tf.Tensor4D): tf.Tensor3D {
  const terms = tf.sub(tf.add(tf.square(loc), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.sum(terms, -1), 0.5) as tf.Tensor3D;
}

/** Nats of each byte, the sum of its bits': logits [B, H, W, 8 T], bytes [B, H, W, T] -> [B, H, W, T]. */
function natsOf(logits: tf.Tensor4D, bytes: tf.Tensor4D): tf.Tensor4D {
  const rows = tf.reshape(logits, [bytes.size, BITS]) as tf.Tensor2D;
  return tf.reshape(sigmoidCrossEntropy(bitsOfBytes(bytes), rows), bytes.shape);
}

/** The largest number up to `most` that divides both. */
function divisor(most: number, a: number, b: number): number {
  let groups = most;
  while (a % groups !== 0 || b % groups !== 0) groups--;
  return groups;
}
