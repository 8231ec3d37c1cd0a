import * as tf from '@tensorflow/tfjs-core';
import { log1p } from '../math/log1p.ts';
import { constant } from './constant.ts';

/**
 * The logarithm of a probability, given directly and by the complement 1 - p: where that is below 1/2 it is the exacter
 * source, since a p near 1 has lost it to rounding.
 */
export function complemented(logP: tf.Tensor, complement: tf.Tensor): tf.Tensor {
  const small = constant((c) => tf.less(c, 0.5))(complement);
  return tf.where(small, log1p(tf.neg(tf.minimum(complement, 0.5))), logP);
}
