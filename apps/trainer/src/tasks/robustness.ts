import { foldIn, normal } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';

/** Deviations of the noise, in those of the vectors themselves. */
const SIGMAS = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];

/** What stands what noise: shares of the characters that are still right. */
export type RobustnessRow = {
  /** In standard deviations of the vectors. */
  readonly sigma: number;
  /** Noise of its own for every token and feature, with sigma times that feature's deviation over the tokens. */
  readonly independent: number;
  /** One draw for all tokens, sigma times the mean deviation. */
  readonly shared: number;
  /** No noise but a shift: sigma times each feature's deviation, added to all tokens. */
  readonly structured: number;
};

export type Spread = {
  /** Mean and standard deviation of every feature over the tokens, [D]. */
  readonly mean: tf.Tensor1D;
  readonly deviation: tf.Tensor1D;
};

/** Of vectors [N, D]. */
export function spread(z: tf.Tensor2D): Spread {
  const { mean, variance } = tf.moments(z, 0);
  return { mean: mean as tf.Tensor1D, deviation: tf.sqrt(variance) as tf.Tensor1D };
}

/**
 * The accuracy that `score` finds in vectors [N, D] under noise, for each deviation. Point number i draws from `foldIn(seed, i)`: the same
 * noise at each call.
 */
export async function robustness(
  z: tf.Tensor2D,
  seed: number,
  score: (z: tf.Tensor2D) => Promise<number>,
): Promise<RobustnessRow[]> {
  const { mean, deviation } = tf.tidy(() => spread(z));
  const [tokens, dim] = z.shape;
  const noisy = async (make: () => tf.Tensor) => {
    const changed = tf.tidy(() => tf.add(z, make()) as tf.Tensor2D);
    try {
      return await score(changed);
    } finally {
      changed.dispose();
    }
  };
  const draw = (shape: [number, number], of: number) => tf.tensor2d(normal(shape[0] * shape[1], of), shape);
  try {
    const rows: RobustnessRow[] = [];
    for (const [i, sigma] of SIGMAS.entries()) {
      const [own, one] = [foldIn(seed, 2 * i), foldIn(seed, 2 * i + 1)];
      rows.push({
        sigma,
        independent: await noisy(() => tf.mul(draw([tokens, dim], own), tf.mul(deviation, sigma))),
        shared: await noisy(() => tf.mul(draw([1, dim], one), tf.mul(tf.mean(deviation), sigma))),
        structured: await noisy(() => tf.mul(deviation, sigma)),
      });
    }
    return rows;
  } finally {
    tf.dispose([mean, deviation]);
  }
}
