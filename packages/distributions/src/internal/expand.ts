import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { sameShape } from './shape.ts';

/** `t` broadcast to `shape`, always a new tensor. (tf.broadcastTo has no gradient above rank 4.) */
export const expand = (t: tf.Tensor, shape: Shape): tf.Tensor =>
  sameShape(t.shape, shape) ? tf.clone(t) : tf.tidy(() => tf.mul(t, tf.ones(shape)));
