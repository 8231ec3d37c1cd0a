import * as tf from '@tensorflow/tfjs-core';

/** What a kernel over sequences works on: B sequences of T steps, H units. */
export interface Sizes {
  batch: number;
  steps: number;
  units: number;
}

/** Sizes of the kernel `name` whose step has `gates` gates, and a check of the inputs that LSTM and GRU share. */
export function sequenceSizes(
  name: string,
  gates: number,
  inputs: { projected: tf.TensorInfo; recurrent: tf.TensorInfo; h: tf.TensorInfo; mask?: tf.TensorInfo },
): Sizes {
  const { projected, recurrent, h, mask } = inputs;
  const [units] = recurrent.shape as [number];
  demand(name, { recurrent }, [units, gates * units]);
  const [batch, steps] = projected.shape as [number, number];
  demand(name, { projected }, [batch, steps, gates * units]);
  demand(name, { h }, [batch, units]);
  if (mask !== undefined) demand(name, { mask }, [batch, steps]);
  return { batch, steps, units };
}

/** Sizes of states [B, T, H]. */
export function sizesOf({ shape }: tf.TensorInfo): Sizes {
  const [batch, steps, units] = shape as [number, number, number];
  return { batch, steps, units };
}

/** @throws RangeError unless the tensors in `named` are float32 of this shape. */
export function demand(kernel: string, named: Record<string, tf.TensorInfo>, shape: readonly number[]): void {
  for (const [name, { dtype, shape: got }] of Object.entries(named)) {
    if (dtype === 'float32' && String(got) === String(shape) && got.length === shape.length) continue;
    throw new RangeError(`${kernel}: ${name} must be float32 [${shape}], got ${dtype} [${got}].`);
  }
}

/** Steps in the order in which they run; none for an empty batch, of which tfjs's CPU engine cannot take slices. */
export const order = ({ batch, steps }: Sizes, backward: boolean): number[] =>
  Array.from({ length: batch === 0 ? 0 : steps }, (_, s) => (backward ? steps - 1 - s : s));

/** [B, T, N] -> its step t, [B, N]. */
export const stepOf = (x: tf.Tensor, t: number): tf.Tensor =>
  tf.reshape(tf.slice(x, [0, t, 0], [x.shape[0]!, 1, x.shape[2]!]), [x.shape[0]!, x.shape[2]!]);

/** The steps' [B, N] in the order of time -> [B, T, N]. */
export const joined = (rows: readonly tf.Tensor[], { batch, steps }: Sizes, width: number): tf.Tensor =>
  rows.length === 0 ? tf.zeros([batch, steps, width]) : tf.stack([...rows], 1);

/** What a masked step keeps: a function that takes `next` where the mask [B, T] is not 0 at t, and `last` elsewhere. */
export function keeper(mask: tf.Tensor | undefined, t: number): (next: tf.Tensor, last: tf.Tensor) => tf.Tensor {
  if (mask === undefined) return (next) => next;
  const on = tf.notEqual(tf.slice(mask, [0, t], [mask.shape[0]!, 1]), 0); // [B, 1]
  return (next, last) => tf.where(on, next, last);
}

/** The states that the steps began with, [B, T, H], from those after each and the initial one [B, H]. */
export function statesBefore(states: tf.Tensor, initial: tf.Tensor, backward: boolean): tf.Tensor {
  const [batch, steps, units] = states.shape as [number, number, number];
  if (batch * steps === 0) return tf.clone(states);
  const first = tf.reshape(initial, [batch, 1, units]);
  const others = tf.slice(states, [0, backward ? 1 : 0, 0], [batch, steps - 1, units]);
  return tf.concat(backward ? [others, first] : [first, others], 1);
}

/** Gradient by a matrix that every step's [H] was multiplied with: the sum over batch and steps of x^T dy. */
export function matrixGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const [batch, steps, units] = x.shape as [number, number, number];
  return tf.matMul(tf.reshape(x, [batch * steps, units]), tf.reshape(dy, [batch * steps, dy.shape[2]!]), true, false);
}

/** The slope of a sigmoid times x, given its value s. */
export const throughSigmoid = (x: tf.Tensor, s: tf.Tensor): tf.Tensor => tf.mul(x, tf.mul(s, tf.sub(1, s)));

/** The slope of tanh times x, given its value y. */
export const throughTanh = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.mul(x, tf.sub(1, tf.square(y)));
