import * as tf from '@tensorflow/tfjs-core';
import { constant } from './constant.ts';

/** What to add to a statistic that is defined only where `parameter` is above `low`: 0 there and NaN elsewhere. */
export const nanUnlessAbove = (parameter: tf.Tensor, low: number): tf.Tensor =>
  constant((x) => tf.where(tf.greater(x, low), tf.zerosLike(x), tf.fill(x.shape, Number.NaN)))(parameter);
