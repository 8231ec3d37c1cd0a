import * as tf from '@tensorflow/tfjs-core';

/** Root of the sum of the squares of all numbers in all tensors: a scalar, the caller's. 0 for no tensors. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    if (tensors.length === 0) return tf.scalar(0);
    return tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))) as tf.Scalar;
  });
}

/** The factor that brings a gradient of global norm `norm` down to `clipNorm`; 1 if it is not above. */
export function clipScale(norm: number, clipNorm: number): number {
  return norm > clipNorm ? clipNorm / norm : 1;
}
