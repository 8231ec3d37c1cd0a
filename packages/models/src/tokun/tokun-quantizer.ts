import { bits } from '@proj/distributions/random';
import { codePerplexity, VectorQuantizer } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { initializers } from '@tensorflow/tfjs-layers';
import { checkPositiveInteger } from '../internal/check.ts';
import { countWeights, type LayerSummary } from '../internal/weights.ts';
import type { TokunAutoencoderConfig } from './config.ts';
import { TokunAutoencoder } from './tokun-autoencoder.ts';

export interface TokunQuantizerConfig extends TokunAutoencoderConfig {
  /** K, vectors in the codebook. */
  codes?: number;
  /** Codes of a token: its D numbers are cut into so many parts, and all parts share the codebook. */
  slots?: number;
  /** Weight of the commitment loss. */
  commitment?: number;
}

/**
 * `TokunAutoencoder` whose tokens are discrete: between encoder and decoder every part of a vector is replaced by the nearest of K codes, so
 * that a token is `slots` whole numbers below K. Backward the gradient goes straight through; codes are moving averages of the parts that
 * choose them, and the commitment loss pulls parts to their codes.
 * Source: van den Oord et al. 2017 (VQ-VAE), arXiv:1711.00937, its appendix A.1 for the averages.
 */
export class TokunQuantizer {
  readonly autoencoder: TokunAutoencoder;
  readonly codes: number;
  readonly slots: number;
  /** Those of the auto-encoder, and the codebook with its averages, which gradients do not reach. */
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly quantizer: VectorQuantizer;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor({ codes = 512, slots = 16, commitment = 0.25, ...config }: TokunQuantizerConfig = {}) {
    checkPositiveInteger('TokunQuantizer', 'codes', codes);
    checkPositiveInteger('TokunQuantizer', 'slots', slots);
    this.autoencoder = new TokunAutoencoder(config);
    const { dim, seed } = this.autoencoder.config;
    if (dim % slots !== 0) {
      this.autoencoder.dispose();
      throw new RangeError(`TokunQuantizer: slots must divide dim, got ${slots} slots and dim ${dim}. Use 16 and 256.`);
    }
    this.codes = codes;
    this.slots = slots;
    const initializer = initializers.randomUniform({ minval: -1 / codes, maxval: 1 / codes, seed });
    this.quantizer = new VectorQuantizer({ codes, commitment, useMovingAverage: true, initializer, name: 'quantizer' });
    this.quantizer.build([null, slots, dim / slots]);
    const [codebook, usage, sums] = this.quantizer.weights.map((weight) => weight.read() as tf.Variable);
    this.weights = {
      ...this.autoencoder.weights,
      'quantizer/codebook': codebook!,
      'quantizer/usage': usage!,
      'quantizer/sums': sums!,
    };
  }

  get tokenSize(): number {
    return this.autoencoder.tokenSize;
  }

  /**
   * Before training: codes become parts of the vectors of these bytes, int32 [..., T] of whole tokens, drawn at random with
   * replacement. Codes that begin far from all parts are never chosen.
   */
  start(bytes: tf.Tensor, seed: number): void {
    tf.tidy(() => {
      const parts = this.parts(this.autoencoder.encode(bytes));
      const rows = tf.reshape(parts, [-1, parts.shape[2]]);
      const picks = Int32Array.from(bits(this.codes, seed), (word) => word % rows.shape[0]!);
      const chosen = tf.gather(rows, tf.tensor1d(picks, 'int32'));
      this.weights['quantizer/codebook']!.assign(chosen);
      this.weights['quantizer/sums']!.assign(chosen.clone());
      this.weights['quantizer/usage']!.assign(tf.ones([this.codes]));
    });
  }

  /**
   * The scalar to minimise for bytes int32 [..., T]: nats a byte of the quantised vectors, and the commitment loss times its weight. Each call
   * also moves the codebook, once.
   */
  loss(bytes: tf.Tensor, _seed?: number): tf.Scalar {
    return tf.tidy(() => {
      const parts = this.parts(this.autoencoder.encode(bytes));
      const quantized = this.quantizer.apply(parts, { training: true }) as tf.Tensor;
      const [commitment] = this.quantizer.calculateLosses();
      return tf.add(this.autoencoder.decodingLoss(this.joined(quantized), bytes), commitment!) as tf.Scalar;
    });
  }

  /** The codes of tokens: bytes int32 [..., T] -> int32 [..., T / tokenSize, slots]. */
  encodeToCodes(bytes: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const z = this.autoencoder.encode(bytes);
      return tf.reshape(this.quantizer.encode(this.parts(z)), [...z.shape.slice(0, -1), this.slots]);
    });
  }

  /** The likeliest bytes of codes: int32 [..., M, slots] -> int32 [..., M tokenSize]. */
  decodeCodes(codes: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { dim } = this.autoencoder.config;
      return this.autoencoder.decode(
        tf.reshape(this.quantizer.decode(codes) as tf.Tensor, [...codes.shape.slice(0, -1), dim]),
      );
    });
  }

  /** Vectors made of codes: bytes int32 [..., T] -> [..., T / tokenSize, D]. */
  encode(bytes: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.quantized(this.autoencoder.encode(bytes)));
  }

  /** The likeliest bytes of vectors [..., M, D], which are brought to the nearest codes first: int32 [..., M tokenSize]. */
  decode(z: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.autoencoder.decode(this.quantized(z)));
  }

  /** -log p of every byte in nats, and the likeliest in its place (int32): both of the shape of `bytes`. */
  evaluate(bytes: tf.Tensor): { nats: tf.Tensor; decoded: tf.Tensor } {
    return tf.tidy(() => this.autoencoder.evaluateUnder(this.encode(bytes), bytes));
  }

  /** How many codes are in use among the tokens of bytes: exp of their entropy, from 1 to K. */
  codePerplexity(bytes: tf.Tensor): tf.Scalar {
    return tf.tidy(() => codePerplexity(this.encodeToCodes(bytes), this.codes));
  }

  /** The averages that the codebook follows are counted too. */
  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    const rows = this.autoencoder.describe();
    const params = this.countParams() - this.autoencoder.countParams();
    const quantizer = {
      name: 'quantizer',
      type: 'VectorQuantizer',
      outputShape: [null, this.autoencoder.config.dim],
      params,
    };
    const half = rows.findIndex(({ name }) => name.startsWith('decoder/'));
    return [...rows.slice(0, half), quantizer, ...rows.slice(half)];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  private quantized(z: tf.Tensor): tf.Tensor {
    return tf.reshape(this.quantizer.apply(this.parts(z)) as tf.Tensor, z.shape);
  }

  /** [..., D] -> [N, slots, D / slots]. */
  private parts(z: tf.Tensor): tf.Tensor3D {
    const { dim } = this.autoencoder.config;
    return tf.reshape(z, [z.size / dim, this.slots, dim / this.slots]) as tf.Tensor3D;
  }

  private joined(parts: tf.Tensor): tf.Tensor2D {
    return tf.reshape(parts, [parts.shape[0]!, this.autoencoder.config.dim]) as tf.Tensor2D;
  }
}
