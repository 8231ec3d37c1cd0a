import { denseCrossEntropy, sparseCrossEntropy } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { countWeights, type LayerSummary } from '../internal/weights.ts';
import { complete, type TokunAutoencoderConfig } from './config.ts';
import { BYTES, firstWeights, nameWeights, type Weights } from './first-weights.ts';
import { type BlockOptions, embedBytes, mergeGroups, splitGroups } from './network.ts';

/**
 * Auto-encoder of bytes that makes one vector of every token, a run of so many bytes as the product of its groups: [4, 4] makes D = 256
 * numbers of the 16 bytes of four characters in UTF-32.
 *
 *   encoder   bytes -> table [256, D]; a block for each group G, from the first: layer normalisation, + positions [G, D],
 *             attention within the group, its G vectors side by side, dense G D -> D
 *   decoder   the same backwards: dense D -> G D, + positions, attention, layer normalisation; at last logits of the 256 values of
 *             each byte
 *
 * Tokens do not see each other. It is trained on the cross-entropy of its own bytes, in nats, a mean over bytes.
 * Source: tokun (apehex, 2024), version 0.3.4 as described in its articles, with a gather for the one-hot product and the decoder's
 * groups reversed.
 */
export class TokunAutoencoder {
  readonly config: Readonly<Required<TokunAutoencoderConfig>>;
  /** Bytes of a token. */
  readonly tokenSize: number;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly parts: Weights;
  private readonly options: BlockOptions;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: TokunAutoencoderConfig = {}) {
    this.config = complete(config);
    const { groups, dim, activation, attention, scaledAttention } = this.config;
    this.tokenSize = groups.reduce((product, group) => product * group, 1);
    this.options = { activation, scale: attention ? (scaledAttention ? 1 / Math.sqrt(dim) : 1) : undefined };
    this.parts = firstWeights(this.config);
    this.weights = nameWeights(this.parts);
  }

  /** The scalar to minimise for bytes int32 [..., T], T whole tokens: cross-entropy in nats a byte, a mean over all. Draws nothing. */
  loss(bytes: tf.Tensor, _seed?: number): tf.Scalar {
    this.checkBytes('loss', bytes);
    return tf.tidy(() => this.decodingLoss(this.code(tf.reshape(bytes, [bytes.size]) as tf.Tensor1D), bytes));
  }

  /** The decoder's part of it: cross-entropy of bytes int32 [..., T] under embeddings [..., T / tokenSize, D], however these were made. */
  decodingLoss(z: tf.Tensor, bytes: tf.Tensor): tf.Scalar {
    const tokens = this.checkPair('decodingLoss', z, bytes);
    const { dim } = this.config;
    return tf.tidy(() => {
      const features = this.features(tf.reshape(z, [tokens, dim]) as tf.Tensor2D);
      return denseCrossEntropy(features, this.parts.head, tf.reshape(bytes, [bytes.size]));
    });
  }

  /** Embeddings, bytes int32 [..., T] of whole tokens -> [..., T / tokenSize, D]. */
  encode(bytes: tf.Tensor): tf.Tensor {
    const shape = this.checkBytes('encode', bytes);
    return tf.tidy(() => tf.reshape(this.code(tf.reshape(bytes, [bytes.size])), [...shape, this.config.dim]));
  }

  /** Logits of the values of each byte: embeddings [..., M, D] -> [..., M tokenSize, 256]. */
  logits(z: tf.Tensor): tf.Tensor {
    const shape = this.checkEmbeddings('logits', z);
    return tf.tidy(() => tf.reshape(this.logitsOf(z), [...shape, BYTES]));
  }

  /** Their probabilities, which sum to 1 for every byte. */
  probs(z: tf.Tensor): tf.Tensor {
    const shape = this.checkEmbeddings('probs', z);
    return tf.tidy(() => tf.reshape(tf.softmax(this.logitsOf(z)), [...shape, BYTES]));
  }

  /** The likeliest bytes: embeddings [..., M, D] -> int32 [..., M tokenSize]. */
  decode(z: tf.Tensor): tf.Tensor {
    const shape = this.checkEmbeddings('decode', z);
    return tf.tidy(() => tf.reshape(tf.argMax(this.logitsOf(z), -1), shape));
  }

  /** `decode(encode(bytes))`, of the same shape. */
  reconstruct(bytes: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.decode(this.encode(bytes)));
  }

  /** -log p of every byte in nats, and the likeliest in its place (int32): both of the shape of `bytes`. */
  evaluate(bytes: tf.Tensor): { nats: tf.Tensor; decoded: tf.Tensor } {
    this.checkBytes('evaluate', bytes);
    return tf.tidy(() => this.evaluateUnder(this.code(tf.reshape(bytes, [bytes.size]) as tf.Tensor1D), bytes));
  }

  /** The same of bytes under embeddings [..., T / tokenSize, D], however these were made. */
  evaluateUnder(z: tf.Tensor, bytes: tf.Tensor): { nats: tf.Tensor; decoded: tf.Tensor } {
    this.checkPair('evaluateUnder', z, bytes);
    return tf.tidy(() => {
      const logits = this.logitsOf(z);
      const nats = sparseCrossEntropy(logits, tf.reshape(bytes, [bytes.size]));
      return { nats: tf.reshape(nats, bytes.shape), decoded: tf.reshape(tf.argMax(logits, -1), bytes.shape) };
    });
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. Positions and bytes share the first axis. */
  describe(): LayerSummary[] {
    const { groups, dim } = this.config;
    const row = (name: string, type: string, width: number): LayerSummary => {
      const own = Object.entries(this.weights).filter(([key]) => key === name || key.startsWith(`${name}/`));
      return { name, type, outputShape: [null, width], params: countWeights(Object.fromEntries(own)) };
    };
    return [
      row('encoder/embedding', 'Embedding', dim),
      ...groups.map((_, i) => row(`encoder/block${i + 1}`, 'TokenizeBlock', dim)),
      ...groups.map((_, i) => row(`decoder/block${i + 1}`, 'DetokenizeBlock', dim)),
      row('decoder/head', 'Dense', BYTES),
    ];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  /** bytes [N] -> [N / tokenSize, D]. */
  private code(bytes: tf.Tensor1D): tf.Tensor2D {
    const { embedding, encoder } = this.parts;
    const [first, ...later] = encoder;
    return later.reduce(
      (x, block) => mergeGroups(x, block, this.options),
      embedBytes(bytes, embedding, first!, this.options),
    );
  }

  /** [M, D] -> [M tokenSize, D]. */
  private features(z: tf.Tensor2D): tf.Tensor2D {
    return this.parts.decoder.reduce((x, block) => splitGroups(x, block, this.options), z);
  }

  private logitsOf(z: tf.Tensor): tf.Tensor2D {
    const { kernel, bias } = this.parts.head;
    const rows = tf.reshape(z, [z.size / this.config.dim, this.config.dim]) as tf.Tensor2D;
    return tf.fused.matMul({ a: this.features(rows), b: kernel, bias }) as tf.Tensor2D;
  }

  /** The shape of their tokens, [..., T / tokenSize]. */
  private checkBytes(method: string, bytes: tf.Tensor): number[] {
    const who = `TokunAutoencoder.${method}`;
    if (bytes.dtype !== 'int32') {
      throw new TypeError(`${who}: bytes must be int32, got ${bytes.dtype}. Convert them: tf.cast(bytes, 'int32').`);
    }
    const last = bytes.shape.at(-1) ?? 0;
    if (bytes.size === 0 || last % this.tokenSize !== 0) {
      throw new RangeError(
        `${who}: bytes must be [..., T], T a multiple of ${this.tokenSize} and one token or more, got [${bytes.shape.join(', ')}]. Pad them with zeros.`,
      );
    }
    return [...bytes.shape.slice(0, -1), last / this.tokenSize];
  }

  /** How many tokens there are. */
  private checkPair(method: string, z: tf.Tensor, bytes: tf.Tensor): number {
    const tokens = this.checkBytes(method, bytes).reduce((product, n) => product * n, 1);
    this.checkEmbeddings(method, z);
    const { dim } = this.config;
    if (z.size === tokens * dim) return tokens;
    throw new RangeError(
      `TokunAutoencoder.${method}: expected ${tokens} embeddings, one a token, got ${z.size / dim}.`,
    );
  }

  /** The shape of their bytes, [..., M tokenSize]. */
  private checkEmbeddings(method: string, z: tf.Tensor): number[] {
    const { dim } = this.config;
    if (z.rank < 2 || z.shape.at(-1) !== dim || z.size === 0) {
      throw new RangeError(
        `TokunAutoencoder.${method}: embeddings must be [..., M, ${dim}], one or more, got [${z.shape.join(', ')}].`,
      );
    }
    return [...z.shape.slice(0, -2), z.shape.at(-2)! * this.tokenSize];
  }
}
