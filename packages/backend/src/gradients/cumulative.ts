import * as tf from '@tensorflow/tfjs-core';
import { zeros } from './zeros.ts';

interface Attrs {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

/** cumsum (tfjs transposes its gradient unless the axis is the last), cumprod (none) and prod (always fails). */
export function registerCumulativeGradients(): void {
  tf.registerGradient({
    kernelName: tf.Cumsum,
    gradFunc: (dy, _saved, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as Attrs;
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  });
  tf.registerGradient({
    kernelName: tf.Cumprod,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => cumprod(dy as tf.Tensor, x!, attrs as unknown as Attrs) }),
  });
  tf.registerGradient({
    kernelName: tf.Prod,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { axis } = attrs as { axis: number | number[] | null };
      return { x: () => prod(dy as tf.Tensor, x!, tf.util.parseAxisParam(axis!, x!.shape)) };
    },
  });
}

/**
 * dx_j = (product of the x before j) * r_j, where r_j = sum over i >= j of dy_i * (product of x_{j+1} to x_i) obeys
 * r_j = dy_j + x_{j+1} r_{j+1}. No division: a zero in x does no harm.
 */
function cumprod(dy: tf.Tensor, x: tf.Tensor, { axis, exclusive, reverse }: Attrs): tf.Tensor {
  if (x.size === 0) return zeros(x);
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  const flat = [product(x.shape.slice(0, at)), x.shape[at!]!, product(x.shape.slice(at! + 1))];
  const turn = (t: tf.Tensor) => (reverse ? tf.reverse(t, 1) : t);
  const [values, slope] = [turn(tf.reshape(x, flat)), turn(tf.reshape(dy, flat))];
  const before = tf.cumprod(values, 1, true);
  const after = scan(ahead(values, 1), exclusive ? ahead(slope, 1) : slope);
  return tf.reshape(turn(tf.mul(before, after)), x.shape);
}

/** r_j = b_j + a_j r_{j+1} along axis 1, by doubling: after n rounds r_j holds 2^n terms. */
function scan(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const length = a.shape[1]!;
  let [factor, sum] = [a, b];
  for (let step = 1; step < length; step *= 2) {
    sum = tf.add(sum, tf.mul(factor, ahead(sum, step)));
    factor = tf.mul(factor, ahead(factor, step));
  }
  return sum;
}

/** t_{j + step} along axis 1, 0 beyond the end. */
function ahead(t: tf.Tensor, step: number): tf.Tensor {
  const [outer, length, inner] = t.shape as [number, number, number];
  const rest = tf.slice(t, [0, step, 0], [outer, length - step, inner]);
  return tf.pad(rest, [
    [0, 0],
    [0, step],
    [0, 0],
  ]);
}

/** Each factor's slope is the product of the others. */
function prod(dy: tf.Tensor, x: tf.Tensor, axes: number[]): tf.Tensor {
  if (x.size === 0) return zeros(x);
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const count = product(axes.map((axis) => x.shape[axis]!));
  const moved = tf.transpose(x, order);
  const rows = tf.reshape(moved, [x.size / count, count]);
  const others = tf.mul(tf.cumprod(rows, 1, true), tf.cumprod(rows, 1, true, true));
  const slope = tf.mul(tf.reshape(dy, [x.size / count, 1]), others);
  const back = order.map((_, axis) => order.indexOf(axis));
  return tf.transpose(tf.reshape(slope, moved.shape), back);
}

const product = (sizes: number[]) => sizes.reduce((n, m) => n * m, 1);
