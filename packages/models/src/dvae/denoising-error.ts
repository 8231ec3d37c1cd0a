import * as tf from '@tensorflow/tfjs-core';
import { type Corruption, corrupt } from './corrupt.ts';

/**
 * How far a model's reconstruction of corrupted images is from the clean ones: the squared error of each image x [B, D], a mean over its
 * pixels, [B]. For any model that reconstructs, trained on noise or not: the same seed corrupts alike for all.
 *
 * @throws RangeError if a value does not fit.
 */
export function denoisingError(
  model: { reconstruct(x: tf.Tensor): tf.Tensor2D },
  x: tf.Tensor2D,
  corruption: Corruption,
  seed: number,
): tf.Tensor1D {
  return tf.tidy(() => {
    const restored = model.reconstruct(corrupt(x, corruption, seed));
    return tf.mean<tf.Tensor1D>(tf.squaredDifference(restored, x), -1);
  });
}
