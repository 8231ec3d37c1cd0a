import * as tf from '@tensorflow/tfjs-core';

/** Kernel of `@proj/backend`: the same in one pass. */
const FUSED = 'ProjGaussianKl';

/**
 * KL(N(loc, e^logVariance) || N(0, 1)) in nats, summed over the last axis: [B, Z], [B, Z] -> [B].
 *
 *   sum over Z of (e^v - 1 - v + m^2) / 2. Source: Kingma & Welling 2013, arXiv:1312.6114, appendix B.
 */
export function gaussianKl(loc: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Tensor1D {
  if (tf.getKernel(FUSED, tf.getBackend()) !== undefined) return tf.engine().runKernel(FUSED, { loc, logVariance });
  return tf.tidy(() => tf.mul(tf.sum<tf.Tensor1D>(twice(loc, logVariance), -1), 0.5));
}

/** The same for each dimension: [B, Z], [B, Z] -> [B, Z]. */
export function gaussianKlOfEach(loc: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.mul(twice(loc, logVariance), 0.5));
}

const twice = (loc: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.sub(tf.sub(tf.exp(logVariance), 1), logVariance), tf.square(loc));
