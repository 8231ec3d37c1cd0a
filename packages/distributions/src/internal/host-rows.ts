import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { differentiableNary } from './differentiable.ts';
import { expand } from './expand.ts';

type Row = ArrayLike<number>;

/**
 * A function of vectors along the last axes of tensors that broadcast, [..., K] to [...], computed on the host in float64.
 * `by[i]` gives its derivatives by each number of argument i. Reads from the device; a second derivative throws.
 */
export function hostRows(
  name: string,
  args: string[],
  f: (...rows: Row[]) => number,
  by: readonly ((...rows: Row[]) => number[])[],
): (...x: tf.Tensor[]) => tf.Tensor {
  const rows = (what: string, g: (...rows: Row[]) => number[], derivatives: ((...x: tf.Tensor[]) => tf.Tensor)[]) =>
    differentiableNary(
      what,
      args,
      (x, shape) => eachRow(x, shape, g),
      args.map((_, i) => derivatives[i]),
    );
  const slopes = by.map((slope) => rows(`the gradient of ${name}`, slope, []));
  // The value stands in each row's first place, with zeros behind it: so it is a sum over the places that slopes stand in.
  const value = rows(name, (...x) => [f(...x)], slopes);
  return (...x) => tf.tidy(() => tf.sum(value(...x), -1));
}

/** `f` of each row of the inputs, broadcast to `shape`; what it leaves of a row is 0. */
function eachRow(inputs: tf.Tensor[], shape: Shape, f: (...rows: Row[]) => number[]): tf.Tensor {
  const k = shape.at(-1)!;
  const data = inputs.map((t) => expand(t, shape).dataSync());
  const out = new Float32Array(tf.util.sizeFromShape(shape));
  for (let from = 0; from < out.length; from += k) out.set(f(...data.map((d) => d.subarray(from, from + k))), from);
  return tf.tensor(out, shape);
}
