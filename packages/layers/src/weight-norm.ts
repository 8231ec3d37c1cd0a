import * as tf from '@tensorflow/tfjs-core';
import { shown } from './internal/check.ts';

/** Below this a filter's squared length is taken for this, so that a filter of zeros stays one. */
const LEAST_SQUARE = 1e-12;

/** Added to variances, as in OpenAI's and TFP's PixelCNN++. */
const EPSILON = 1e-10;

/**
 * A kernel whose filters have a direction `v` and a length `gain` of their own: w = gain v / ||v||, filter by filter.
 *
 * v [..., F] (filters along `axis`, the last if omitted; a kernel of a transposed convolution has them along -2), gain [F] ->
 * the shape of v. Only the direction of v matters. Gradients reach both.
 * Source: Salimans & Kingma 2016, arXiv:1602.07868.
 *
 * @throws RangeError if gain is not one number a filter.
 */
export function weightNorm<T extends tf.Tensor>(v: T, gain: tf.Tensor, { axis = -1 }: { axis?: number } = {}): T {
  const at = axis < 0 ? v.shape.length + axis : axis;
  if (gain.shape.length !== 1 || gain.shape[0] !== v.shape[at]) {
    throw new RangeError(
      `weightNorm: gain must be [F], a number for each filter of v along axis ${axis}, got ${shown(gain.shape)} and ${shown(v.shape)}.`,
    );
  }
  return tf.tidy(() => {
    const others = v.shape.map((_, i) => i).filter((i) => i !== at);
    const square = tf.maximum(tf.sum(tf.square(v), others, true), LEAST_SQUARE); // [1, ..., F, ..., 1]
    return tf.mul(v, tf.mul(tf.rsqrt(square), tf.reshape(gain, square.shape))) as T;
  });
}

/**
 * Gain and bias that give outputs of mean 0 and variance 1 for the batch at hand.
 *
 * y [..., F] is what a weight-normalised layer gives for that batch with gain 1 and bias 0; moments are over all axes but the
 * last: gain [F] = 1 / sqrt(variance + 1e-10), bias [F] = -mean / sqrt(variance + 1e-10). The caller disposes both.
 * Source: Salimans & Kingma 2016, arXiv:1602.07868, section 3.
 */
export function dataDependentInit(y: tf.Tensor): { gain: tf.Tensor1D; bias: tf.Tensor1D } {
  return tf.tidy(() => {
    const rows = tf.reshape(y, [-1, y.shape.at(-1)!]);
    const { mean, variance } = tf.moments(rows, 0);
    const gain = tf.rsqrt(tf.add(variance, EPSILON)) as tf.Tensor1D;
    return { gain, bias: tf.mul(tf.neg(mean), gain) as tf.Tensor1D };
  });
}
