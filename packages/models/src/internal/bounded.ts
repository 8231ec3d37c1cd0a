import * as tf from '@tensorflow/tfjs-core';

/** Smoothly into [-limit, limit], nearly the identity around 0: limit tanh(x / limit). Keeps the exponential of x in bounds. */
export function bounded<T extends tf.Tensor>(x: T, limit: number): T {
  return tf.mul<T>(tf.tanh(tf.div<T>(x, limit)), limit);
}
