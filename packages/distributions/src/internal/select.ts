import * as tf from '@tensorflow/tfjs-core';
import { expand } from './expand.ts';
import { broadcastShape } from './shape.ts';

/** `a` where `condition` holds, `b` elsewhere, all broadcast. (tf.where has no gradient for what it broadcasts above rank 4.) */
export function select(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor | number): tf.Tensor {
  const shape = broadcastShape('select', {
    condition: condition.shape,
    a: a.shape,
    b: typeof b === 'number' ? [] : b.shape,
  });
  const full = (t: tf.Tensor) => expand(t, shape);
  const held = tf.logicalAnd(condition, tf.ones(shape, 'bool'));
  return tf.where(held, full(a), typeof b === 'number' ? tf.fill(shape, b) : full(b));
}

/**
 * `f(x)` where `inside` holds, `other` with gradient zero elsewhere: there f is given `safe` in place of x, so that no infinity
 * or NaN of it reaches a gradient. `inside` comes from `constant`.
 */
export const selectInside = (
  inside: tf.Tensor,
  x: tf.Tensor,
  safe: tf.Tensor | number,
  f: (x: tf.Tensor) => tf.Tensor,
  other: number,
): tf.Tensor => select(inside, f(select(inside, x, safe)), other);
