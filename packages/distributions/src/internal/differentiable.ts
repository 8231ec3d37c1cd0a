import * as tf from '@tensorflow/tfjs-core';
import { broadcastShape } from './shape.ts';
import { sumTo } from './sum-to.ts';

/** A tensor, or numbers to make one of. */
export type Numbers = tf.Tensor | tf.TensorLike;

type Partial = ((...x: tf.Tensor[]) => tf.Tensor) | undefined;

/** `x` as a float32 tensor; call it inside a tidy, which disposes what is made here. */
function real(x: Numbers): tf.Tensor {
  const t = x instanceof tf.Tensor ? x : tf.tensor(x);
  return t.dtype === 'float32' ? t : tf.cast(t, 'float32');
}

/**
 * An elementwise function from its value and its derivative.
 *
 * `value` is free to use what has no gradient. `derivative(x)`, if made of differentiable functions, gives every further
 * derivative.
 */
export function differentiable(
  value: (x: tf.Tensor) => tf.Tensor,
  derivative: (x: tf.Tensor) => tf.Tensor,
): (x: Numbers) => tf.Tensor {
  return (x) =>
    tf.tidy(() =>
      tf.customGrad((input, save) => {
        const t = input as tf.Tensor;
        (save as tf.GradSaveFunc)([t]);
        return {
          value: value(t),
          gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
            return tf.mul(dy, derivative(saved!));
          },
        };
      })(real(x)),
    );
}

/**
 * An elementwise function of several arguments that broadcast, from its value and its partial derivatives.
 *
 * `value` gets the arguments and the shape that they broadcast to. `derivatives[i]`, by argument i, gets all arguments
 * as they came; it is called only if a gradient by that argument is asked for, and asking where it is undefined throws.
 * Gradients are summed to the argument's shape.
 *
 * @param args the arguments' names, for the RangeError of shapes that do not broadcast.
 */
export function differentiableNary<const Names extends readonly string[]>(
  name: string,
  args: Names,
  value: (x: tf.Tensor[], shape: number[]) => tf.Tensor,
  derivatives: { [I in keyof Names]: Partial },
): (...x: { [I in keyof Names]: Numbers }) => tf.Tensor {
  const partials: readonly Partial[] = derivatives;
  return (...x) =>
    tf.tidy(() => {
      const inputs = x.map(real);
      const shape = [...broadcastShape(name, Object.fromEntries(inputs.map((t, i) => [args[i]!, t.shape])))];
      // A customGrad computes its value unrecorded, and the gradients of all its inputs at once. So the value is a
      // constant here, and each argument adds a zero that carries its own gradient: only those asked for are computed.
      const constant = tf.customGrad(() => ({ value: value(inputs, shape), gradFunc: () => tf.scalar(0) }))(
        tf.scalar(0),
      );
      return inputs.reduce((sum, t, i) => {
        const partial = partials[i];
        const slope = tf.customGrad((_, save) => {
          (save as tf.GradSaveFunc)(inputs);
          return {
            value: tf.zeros(shape),
            gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
              if (!partial) throw noDerivative(name, args[i]!);
              return sumTo(tf.mul(dy, partial(...saved)), t.shape);
            },
          };
        });
        return tf.add(sum, slope(t));
      }, constant);
    });
}

const noDerivative = (name: string, arg: string): Error =>
  new Error(`${name}: there is no derivative by ${arg} of what you differentiate. Take ${arg} as a constant.`);
