import { foldIn, normal } from '@proj/distributions/random';
import { randomCodePoints, readSafetensors } from '@proj/io';
import { TokunAutoencoder, type TokunAutoencoderConfig } from '@proj/models';
import { compare, decodeUtf32, preprocess } from '@proj/tokun';
import { writeWeights } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { principalPlane, project } from './principal-plane.ts';
import type { Request, Shown } from './protocol.ts';

/** Of the network whose weights lie in `weights/tokun.safetensors`. */
export const config = { groups: [4, 4], dim: 64, attention: false } as const satisfies TokunAutoencoderConfig;

/** Characters whose vectors say what is usual: all scripts of today, by chance. */
const reference = { count: 8192, planes: 1, seed: 0 } as const;

/** Keeps a feature that never changes from becoming a division by 0. */
const leastDeviation = 1e-6;

/**
 * What the demo does, without a page: text to vectors, noise on these, and back, in a small auto-encoder that is trained already.
 *
 * The caller chooses the engine first.
 */
export class TokunDemo {
  private readonly model: TokunAutoencoder;
  /** Of the features of the vectors of the reference, [D]. */
  private readonly mean: tf.Tensor1D;
  private readonly deviation: tf.Tensor1D;

  /** From a file of weights. @throws DataError if it is no safetensors file, RangeError if they are those of another network. */
  constructor(file: Uint8Array) {
    const { tensors } = readSafetensors(file, { name: 'tokun.safetensors' });
    this.model = new TokunAutoencoder(config);
    try {
      writeWeights(this.model.weights, tensors as Parameters<typeof writeWeights>[1]);
    } catch (error) {
      this.model.dispose();
      throw error;
    }
    [this.mean, this.deviation] = tf.tidy(() => {
      const bytes = preprocess(randomCodePoints(reference), { tokenSize: this.model.tokenSize });
      const { mean, variance } = tf.moments(this.encode(bytes), 0);
      return [mean, tf.maximum(tf.sqrt(variance), leastDeviation)] as [tf.Tensor1D, tf.Tensor1D];
    });
  }

  get params(): number {
    return this.model.countParams();
  }

  /** What becomes of a text under noise, each token's its own. */
  async show({ text, sigma, seed }: Request): Promise<Shown> {
    const { tokenSize } = this.model;
    const width = config.dim;
    const bytes = preprocess(text, { tokenSize });
    const tokens = bytes.length / tokenSize;
    if (tokens === 0) {
      const none = new Float32Array();
      const nothing = { vectors: none, points: none, noisyPoints: none, decoded: bytes, shares: [0, 0] as const };
      return { text, tokenSize, bytes, ...nothing, accuracy: 1, milliseconds: 0 };
    }
    const noise = new Float32Array(tokens * width);
    for (let i = 0; i < tokens; i++) noise.set(normal(width, foldIn(seed, i)), i * width);

    const started = performance.now();
    const made = tf.tidy(() => {
      const clean = tf.div(tf.sub(this.encode(bytes), this.mean), this.deviation);
      const noisy = tf.add(clean, tf.mul(tf.tensor2d(noise, [tokens, width]), sigma));
      return { clean, noisy, decoded: this.model.decode(tf.add(tf.mul(noisy, this.deviation), this.mean)) };
    });
    try {
      const decoded = Uint8Array.from(await made.decoded.data());
      const milliseconds = performance.now() - started;
      const [clean, vectors] = [(await made.clean.data()) as Float32Array, (await made.noisy.data()) as Float32Array];
      const plane = principalPlane(clean, width);
      return {
        text,
        tokenSize,
        bytes,
        vectors,
        points: project(clean, plane),
        noisyPoints: project(vectors, plane),
        shares: plane.shares,
        decoded,
        accuracy: compare(text, decodeUtf32(decoded), { tokenSize }).charAccuracy,
        milliseconds,
      };
    } finally {
      tf.dispose([made.clean, made.noisy, made.decoded]);
    }
  }

  dispose(): void {
    this.model.dispose();
    tf.dispose([this.mean, this.deviation]);
  }

  private encode(bytes: Uint8Array): tf.Tensor {
    return this.model.encode(tf.tensor1d(Int32Array.from(bytes), 'int32'));
  }
}
