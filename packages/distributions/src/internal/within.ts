import * as tf from '@tensorflow/tfjs-core';
import type { Constraint } from '../constraint.ts';
import { constant } from './constant.ts';

/** logProb(value) where `support` holds; elsewhere -Infinity, with a gradient of 0: logProb sees 1/2 there. */
export function within(support: Constraint, value: tf.Tensor, logProb: (value: tf.Tensor) => tf.Tensor): tf.Tensor {
  const inside = constant((x) => support.check(x))(value);
  const lead = inside.shape;
  const wide = tf.reshape(inside, [...lead, ...value.shape.slice(lead.length).map(() => 1)]);
  const result = logProb(tf.where(wide, value, tf.fill(value.shape, 0.5)));
  return tf.where(inside, result, tf.fill(result.shape, -Infinity));
}
