import type * as tf from '@tensorflow/tfjs-core';

/** Its number; the scalar is disposed. */
export async function readScalar(scalar: tf.Scalar): Promise<number> {
  try {
    return (await scalar.data())[0]!;
  } finally {
    scalar.dispose();
  }
}
