import type * as tf from '@tensorflow/tfjs-core';

/** The numbers of a tensor, which is disposed. */
export async function take(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}
