import * as tf from '@tensorflow/tfjs-core';

/** The gradient by something that the result does not depend on smoothly: indices, conditions, integers. */
export function zeros(like: tf.Tensor): tf.Tensor {
  return tf.zeros(like.shape, 'float32');
}
