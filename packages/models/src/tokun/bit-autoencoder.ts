import { orthogonal } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { checkPositiveInteger, checkSeed } from '../internal/check.ts';
import { sigmoidCrossEntropy } from '../internal/sigmoid-cross-entropy.ts';
import { countWeights, type LayerSummary } from '../internal/weights.ts';
import { bitsOfBytes, bytesOfBits } from './bits.ts';
import { BYTES } from './first-weights.ts';
import { type SampleBytesOptions, sampleBytes } from './joint-bits.ts';

const BITS = 8;

/** Keeps the logarithm of a variance finite. */
const LEAST_VARIANCE = 1e-8;

export interface BitAutoencoderConfig {
  /** T, bytes of a token. */
  token?: number;
  /** E, numbers of a byte. */
  embedding?: number;
  /** Of the first weights. */
  seed?: number;
}

/**
 * Auto-encoder of bytes by a table and one linear map: a token's vector is its bytes' rows of a table [256, E] side by side, T E numbers,
 * and the map gives a logit of each of its 8 T bits, the most significant of a byte first.
 *
 * Trained on the cross-entropy of the bits, a mean over them, and on the divergence from N(0, I) of the table's 256 rows taken for draws of
 * a normal distribution, 0.5 sum over E of (v + m^2 - 1 - ln v), whatever the batch. Source: tokun (apehex, 2025), version 0.18, where it is
 * called a VQ-VAE though it quantises nothing; see `VectorQuantizer` of `@proj/layers` for that.
 */
export class BitAutoencoder {
  readonly config: Readonly<Required<BitAutoencoderConfig>>;
  /** Bytes of a token, T. */
  readonly tokenSize: number;
  readonly weights: Readonly<Record<'encoder/embedding' | 'decoder/kernel' | 'decoder/bias', tf.Variable>>;

  /** The table begins semi-orthogonal, the map at 0. @throws RangeError if a value of the configuration does not fit. */
  constructor({ token = 1, embedding = 8, seed = 0 }: BitAutoencoderConfig = {}) {
    const who = 'BitAutoencoder';
    checkPositiveInteger(who, 'token', token);
    checkPositiveInteger(who, 'embedding', embedding);
    checkSeed(who, seed);
    if (embedding > BYTES) {
      throw new RangeError(`${who}: embedding must be at most ${BYTES}, as many as there are bytes, got ${embedding}.`);
    }
    this.config = { token, embedding, seed };
    this.tokenSize = token;
    this.weights = tf.tidy(() => ({
      'encoder/embedding': tf.variable(tf.tensor2d(orthogonal([BYTES, embedding], seed), [BYTES, embedding])),
      'decoder/kernel': tf.variable(tf.zeros([token * embedding, token * BITS])),
      'decoder/bias': tf.variable(tf.zeros([token * BITS])),
    }));
  }

  /** The scalar to minimise for bytes int32 [..., N], N whole tokens: nats a bit, a mean, and the divergence of the table. */
  loss(bytes: tf.Tensor, _seed?: number): tf.Scalar {
    this.checkBytes('loss', bytes);
    return tf.tidy(() => tf.add(tf.div(tf.mean(this.natsOf(bytes)), BITS), this.divergence()) as tf.Scalar);
  }

  /** KL of N(m, v) from N(0, 1) in nats, a sum over E; m and v are mean and variance of the table's rows. */
  divergence(): tf.Scalar {
    return tf.tidy(() => {
      const { mean, variance } = tf.moments(this.weights['encoder/embedding'], 0);
      const logs = tf.log(tf.add(variance, LEAST_VARIANCE));
      return tf.mul(tf.sum(tf.sub(tf.add(variance, tf.square(mean)), tf.add(logs, 1))), 0.5) as tf.Scalar;
    });
  }

  /** Bytes int32 [..., N] of whole tokens -> [..., N / T, T E]. */
  encode(bytes: tf.Tensor): tf.Tensor {
    const shape = this.checkBytes('encode', bytes);
    return tf.tidy(() => tf.reshape(this.rows(bytes), [...shape, this.width]));
  }

  /** Logits of the bits: vectors [..., M, T E] -> [..., M, 8 T]. */
  logits(z: tf.Tensor): tf.Tensor {
    this.checkVectors('logits', z);
    return tf.tidy(() => tf.reshape(this.logitsOf(z), [...z.shape.slice(0, -1), BITS * this.tokenSize]));
  }

  /** The likeliest bytes, bit by bit: vectors [..., M, T E] -> int32 [..., M T]. */
  decode(z: tf.Tensor): tf.Tensor {
    const shape = this.checkVectors('decode', z);
    return tf.tidy(() => tf.reshape(bytesOfBits(this.logitsOf(z)), shape));
  }

  /** Bytes drawn from their probabilities, all bits of a byte at once, row by row of vectors [..., M, T E]. */
  async sample(z: tf.Tensor, options: SampleBytesOptions): Promise<Uint8Array> {
    const logits = this.logits(z);
    try {
      return sampleBytes(await logits.data(), options);
    } finally {
      logits.dispose();
    }
  }

  /** `decode(encode(bytes))`, of the same shape. */
  reconstruct(bytes: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.decode(this.encode(bytes)));
  }

  /** -log p of every byte in nats, the sum of its bits', and the likeliest in its place (int32): both of the shape of `bytes`. */
  evaluate(bytes: tf.Tensor): { nats: tf.Tensor; decoded: tf.Tensor } {
    this.checkBytes('evaluate', bytes);
    return tf.tidy(() => ({
      nats: tf.reshape(this.natsOf(bytes), bytes.shape),
      decoded: tf.reshape(bytesOfBits(this.logitsOf(this.rows(bytes))), bytes.shape),
    }));
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    const { token, embedding } = this.config;
    const [inputs, outputs] = [token * embedding, token * BITS];
    return [
      { name: 'encoder/embedding', type: 'Embedding', outputShape: [null, inputs], params: BYTES * embedding },
      { name: 'decoder', type: 'Dense', outputShape: [null, outputs], params: (inputs + 1) * outputs },
    ];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  private get width(): number {
    return this.config.token * this.config.embedding;
  }

  /** [tokens, T E]. */
  private rows(bytes: tf.Tensor): tf.Tensor2D {
    const table = this.weights['encoder/embedding'];
    return tf.reshape(tf.gather(table, tf.reshape(bytes, [bytes.size])), [bytes.size / this.tokenSize, this.width]);
  }

  /** [tokens, 8 T]. */
  private logitsOf(z: tf.Tensor): tf.Tensor2D {
    const { 'decoder/kernel': kernel, 'decoder/bias': bias } = this.weights;
    const rows = tf.reshape(z, [z.size / this.width, this.width]) as tf.Tensor2D;
    return tf.fused.matMul({ a: rows, b: kernel as tf.Tensor as tf.Tensor2D, bias }) as tf.Tensor2D;
  }

  /** Nats of each byte, [bytes]. */
  private natsOf(bytes: tf.Tensor): tf.Tensor1D {
    const logits = tf.reshape(this.logitsOf(this.rows(bytes)), [bytes.size, BITS]) as tf.Tensor2D;
    return sigmoidCrossEntropy(bitsOfBytes(bytes), logits);
  }

  /** The shape of their tokens, [..., N / T]. */
  private checkBytes(method: string, bytes: tf.Tensor): number[] {
    const who = `BitAutoencoder.${method}`;
    if (bytes.dtype !== 'int32') {
      throw new TypeError(`${who}: bytes must be int32, got ${bytes.dtype}. Convert them: tf.cast(bytes, 'int32').`);
    }
    const last = bytes.shape.at(-1) ?? 0;
    if (bytes.size === 0 || last % this.tokenSize !== 0) {
      throw new RangeError(
        `${who}: bytes must be [..., N], N a multiple of ${this.tokenSize} and one token or more, got [${bytes.shape.join(', ')}].`,
      );
    }
    return [...bytes.shape.slice(0, -1), last / this.tokenSize];
  }

  /** The shape of their bytes, [..., M T]. */
  private checkVectors(method: string, z: tf.Tensor): number[] {
    if (z.rank < 2 || z.shape.at(-1) !== this.width || z.size === 0) {
      throw new RangeError(
        `BitAutoencoder.${method}: vectors must be [..., M, ${this.width}], one or more, got [${z.shape.join(', ')}].`,
      );
    }
    return [...z.shape.slice(0, -2), z.shape.at(-2)! * this.tokenSize];
  }
}

/**
 * Weights that need no training, for E of 8 to 255: the table is a rotation of products of the bits as +-1, so its rows have mean 0 and
 * covariance I exactly, divergence 0; the map turns back the bits themselves, times `margin`. Every bit has the logit +-margin.
 *
 * @throws RangeError unless E is from 8 to 255.
 */
export function closedFormBits(
  { token = 1, embedding = 8, seed = 0 }: BitAutoencoderConfig = {},
  margin = 15,
): { embedding: Float32Array; kernel: Float32Array; bias: Float32Array } {
  if (!(Number.isSafeInteger(embedding) && embedding >= BITS && embedding < BYTES)) {
    throw new RangeError(`closedFormBits: embedding must be from ${BITS} to ${BYTES - 1}, got ${embedding}.`);
  }
  // Masks of bits whose signs are multiplied: first each bit alone, then all others.
  const single = Array.from({ length: BITS }, (_, k) => 0x80 >> k);
  const masks = [...single, ...Array.from({ length: BYTES }, (_, i) => i).filter((i) => (i & (i - 1)) !== 0)];
  const sign = (byte: number, mask: number) => {
    let product = 1;
    for (const bit of single) if ((mask & bit) !== 0 && (byte & bit) === 0) product = -product;
    return product;
  };
  const rotation = orthogonal([embedding, embedding], seed);
  const table = new Float32Array(BYTES * embedding);
  for (let byte = 0; byte < BYTES; byte++) {
    for (let e = 0; e < embedding; e++) {
      let sum = 0;
      for (let k = 0; k < embedding; k++) sum += sign(byte, masks[k]!) * rotation[k * embedding + e]!;
      table[byte * embedding + e] = sum;
    }
  }
  const outputs = token * BITS;
  const kernel = new Float32Array(token * embedding * outputs);
  for (let t = 0; t < token; t++) {
    for (let e = 0; e < embedding; e++) {
      for (let k = 0; k < BITS; k++) {
        kernel[(t * embedding + e) * outputs + t * BITS + k] = margin * rotation[k * embedding + e]!;
      }
    }
  }
  return { embedding: table, kernel, bias: new Float32Array(outputs) };
}
