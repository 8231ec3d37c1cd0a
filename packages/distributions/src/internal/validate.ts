import * as tf from '@tensorflow/tfjs-core';
import type { Constraint } from '../constraint.ts';
import type { Value } from '../distribution.ts';
import { showShape } from './shape.ts';

/** Float32: the tensor itself, or a new one of numbers, integers or booleans. */
export function toTensor(value: Value): tf.Tensor {
  if (!(value instanceof tf.Tensor)) return tf.tensor(value as tf.TensorLike, undefined, 'float32');
  return value.dtype === 'float32' ? value : tf.cast(value, 'float32');
}

/** @throws RangeError that names the first number that does not satisfy the constraint. Reads from the device. */
export function checkConstraint(who: string, what: string, value: tf.Tensor, constraint: Constraint): void {
  const held = tf.tidy(() => constraint.check(value).dataSync());
  const wrong = held.indexOf(0 as never);
  if (wrong < 0) return;
  const size = tf.util.sizeFromShape(value.shape.slice(value.rank - constraint.eventRank));
  // A bound of the constraint may have stretched the value.
  const at = (wrong * size) % value.size;
  const found = Array.from(value.dataSync().slice(at, at + Math.min(size, 8))).join(', ');
  throw new RangeError(`${who}: ${what} of shape ${showShape(value.shape)} must be ${constraint.name}, got ${found}.`);
}
