import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { differentiable, differentiableNary, type Numbers } from './differentiable.ts';

/**
 * An elementwise tensor function computed on the host in float64 by `f`, with the gradient `derivative`.
 *
 * The function reads from the device (dataSync) and returns a new float32 tensor of x's shape. `derivative(x)` has that
 * shape too; made of differentiable functions, it gives every further derivative. Without one, differentiating throws.
 */
export function hostUnary(
  f: (x: number) => number,
  derivative: (x: tf.Tensor) => tf.Tensor,
): (x: Numbers) => tf.Tensor {
  const value = (x: tf.Tensor) => {
    const data = x.dataSync();
    const out = new Float32Array(data.length); // Float32Array.from takes five times as long
    for (let i = 0; i < out.length; i++) out[i] = f(data[i]!);
    return tf.tensor(out, x.shape);
  };
  return differentiable(value, derivative);
}

/**
 * A tensor function of several arguments that broadcast, computed on the host in float64 by `f`.
 *
 * The function reads from the device (dataSync) and returns a new float32 tensor of the broadcast shape.
 * `derivatives[i]` is the partial derivative by argument i, given all arguments as they came; it is called only if a
 * gradient by that argument is asked for, and asking where it is undefined throws. Gradients are summed to the
 * argument's shape.
 *
 * @param args the arguments' names, for the RangeError of shapes that do not broadcast.
 */
export function hostNary<const Names extends readonly string[]>(
  name: string,
  args: Names,
  f: (...x: { [I in keyof Names]: number }) => number,
  derivatives: { [I in keyof Names]: ((...x: tf.Tensor[]) => tf.Tensor) | undefined },
): (...x: { [I in keyof Names]: Numbers }) => tf.Tensor {
  return differentiableNary(name, args, (x, shape) => evaluate(f as (...x: number[]) => number, x, shape), derivatives);
}

function evaluate(f: (...x: number[]) => number, inputs: tf.Tensor[], shape: number[]): tf.Tensor {
  const data = inputs.map((t) => t.dataSync());
  const from = inputs.map((t) => broadcastIndex(t.shape, shape));
  const out = new Float32Array(from[0]!.length);
  for (let i = 0; i < out.length; i++) out[i] = f(...data.map((numbers, k) => numbers[from[k]![i]!]!));
  return tf.tensor(out, shape);
}

/** Where each element of `shape` comes from in the row-major data of `own`, which broadcasts to it. */
function broadcastIndex(own: Shape, shape: Shape): Int32Array {
  let index = new Int32Array(1);
  shape.forEach((size, axis) => {
    const ownSize = own[axis - shape.length + own.length] ?? 1;
    const next = new Int32Array(index.length * size);
    for (let i = 0; i < next.length; i++) {
      next[i] = index[Math.floor(i / size)]! * ownSize + (ownSize === 1 ? 0 : i % size);
    }
    index = next;
  });
  return index;
}
