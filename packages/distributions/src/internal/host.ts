import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { broadcastShape } from './shape.ts';
import { sumTo } from './sum-to.ts';

/** A tensor, or numbers to make one of. */
export type Numbers = tf.Tensor | tf.TensorLike;

/** A tensor of real numbers; what is no tensor yet becomes one, to be disposed by the tidy around. */
export const real = (x: Numbers): tf.Tensor => {
  const t = x instanceof tf.Tensor ? x : tf.tensor(x);
  return t.dtype === 'float32' ? t : tf.cast(t, 'float32');
};

/**
 * An elementwise tensor function computed on the host in float64 by `f`, with the gradient `derivative`.
 *
 * The function reads from the device (dataSync) and returns a new float32 tensor of x's shape. `derivative(x)` has that
 * shape too; made of differentiable functions, it gives every further derivative. Without one, differentiating throws.
 */
export function hostUnary(
  name: string,
  f: (x: number) => number,
  derivative?: (x: tf.Tensor) => tf.Tensor,
): (x: Numbers) => tf.Tensor {
  return (x) =>
    tf.tidy(() =>
      tf.customGrad((input, save) => {
        const t = input as tf.Tensor;
        (save as tf.GradSaveFunc)([t]);
        return {
          value: tf.tensor(Float32Array.from(t.dataSync(), f), t.shape),
          gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
            if (!derivative) throw noDerivative(name, 'x');
            return tf.mul(dy, derivative(saved!));
          },
        };
      })(real(x)),
    );
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
  const partials: readonly (((...x: tf.Tensor[]) => tf.Tensor) | undefined)[] = derivatives;
  return (...x) =>
    tf.tidy(() => {
      const inputs = x.map(real);
      const shape = broadcastShape(name, Object.fromEntries(inputs.map((t, i) => [args[i]!, t.shape])));
      const value = evaluate(f as (...x: number[]) => number, inputs, shape);
      // tfjs computes all gradients of a customGrad at once. So each argument has one of its own, which adds zero to the
      // value: only those that lead to a differentiated input are run.
      return inputs.reduce((sum, t, i) => {
        const partial = partials[i];
        const slope = tf.customGrad((_, save) => {
          (save as tf.GradSaveFunc)(inputs);
          return {
            value: tf.zeros([...shape]),
            gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
              if (!partial) throw noDerivative(name, args[i]!);
              return sumTo(tf.mul(dy, partial(...saved)), t.shape);
            },
          };
        });
        return tf.add(sum, slope(t));
      }, value);
    });
}

function evaluate(f: (...x: number[]) => number, inputs: tf.Tensor[], shape: Shape): tf.Tensor {
  const data = inputs.map((t) => t.dataSync());
  const from = inputs.map((t) => broadcastIndex(t.shape, shape));
  const out = new Float32Array(from[0]!.length);
  for (let i = 0; i < out.length; i++) out[i] = f(...data.map((numbers, k) => numbers[from[k]![i]!]!));
  return tf.tensor(out, [...shape]);
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

const noDerivative = (name: string, arg: string): Error =>
  new Error(`${name}: there is no derivative by ${arg} of what you differentiate. Take ${arg} as a constant.`);
