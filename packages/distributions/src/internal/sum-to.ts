import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';

/** `t` summed over the axes along which `shape` was broadcast to it: the transpose of broadcasting. */
export const sumTo = (t: tf.Tensor, shape: Shape): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.sum(t, tf.broadcast_util.getReductionAxes([...shape], t.shape)), [...shape]));
