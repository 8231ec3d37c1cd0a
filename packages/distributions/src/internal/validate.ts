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
  const lead = value.shape.slice(0, value.rank - constraint.eventRank);
  const size = tf.util.sizeFromShape(value.shape.slice(lead.length));
  // A bound of the constraint may have stretched the value.
  const at = held.length * size === value.size ? wrong : wrong % Math.max(1, value.size / size);
  const found = Array.from(value.dataSync().slice(at * size, (at + 1) * size), Number);
  const shown =
    size === 1 && constraint.eventRank === 0 ? found[0] : `[${found.slice(0, 8).join(', ')}${size > 8 ? ', ...' : ''}]`;
  throw new RangeError(
    `${who}: ${what} of shape ${showShape(value.shape)} must be ${constraint.name}, got ${shown} at ${showShape(indexOf(at, lead))}.`,
  );
}

function indexOf(flat: number, shape: number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}
