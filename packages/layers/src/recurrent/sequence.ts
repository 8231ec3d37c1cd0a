import * as tf from '@tensorflow/tfjs-core';
import { hasFused } from '../internal/run-fused.ts';

/** How a recurrent net runs over a sequence. */
export interface SequenceOptions {
  /** [B, T], of any type: where it is 0, the step is left out and the state stays. Without it all steps count. */
  mask?: tf.Tensor;
  /** From the last step to the first; outputs stand beside their inputs all the same (Keras turns them round). */
  goBackwards?: boolean;
}

/** x kernel + bias: [N, D], [D, M] -> [N, M]. */
export function projected(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  // tfjs's own WASM engine refuses a bias that is a row of a matrix; those with our kernels take it.
  if (bias !== undefined && hasFused('ProjGruSequence')) {
    return tf.fused.matMul({ a: x as tf.Tensor2D, b: kernel as tf.Tensor2D, bias });
  }
  return bias === undefined ? tf.matMul(x, kernel) : tf.add(tf.matMul(x, kernel), bias);
}

/** The same of every step: [B, T, D] -> [B, T, M]. */
export function projectedSteps(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  const [batch, steps, features] = x.shape as [number, number, number];
  const rows = tf.reshape(x, [batch * steps, features]);
  return tf.reshape(projected(rows, kernel, bias), [batch, steps, kernel.shape[1]!]);
}

/** [B, T, N] -> T times [B, N]; none of an empty batch, for which there is nothing to do. */
export function stepsOf(x: tf.Tensor): tf.Tensor[] {
  const [batch, steps, width] = x.shape as [number, number, number];
  if (batch * steps === 0) return [];
  return steps === 1 ? [tf.reshape(x, [batch, width])] : tf.unstack(x, 1); // the gradient of unstack fails for one
}

/** Indices of `steps` steps in the order in which they run. */
export const order = ({ length }: readonly tf.Tensor[], backward: boolean): number[] =>
  Array.from({ length }, (_, s) => (backward ? length - 1 - s : s));

/** `steps` times [B, N] in the order of time -> [B, T, N]. */
export const joined = (steps: readonly tf.Tensor[], shape: [number, number, number]): tf.Tensor =>
  steps.length === 0 ? tf.zeros(shape) : tf.stack([...steps], 1);

/** A function that takes `next` in rows where the mask [B, T] is not 0 at step t, and `last` in the others. */
export function keeper(mask: tf.Tensor | undefined, t: number): (next: tf.Tensor, last: tf.Tensor) => tf.Tensor {
  if (mask === undefined) return (next) => next;
  const on = tf.notEqual(tf.slice(mask, [0, t], [mask.shape[0]!, 1]), 0); // [B, 1]
  return (next, last) => tf.where(on, next, last);
}

/** @throws RangeError unless the shapes are these; -1 stands for any size. `undefined` tensors pass. */
export function demandShapes(
  caller: string,
  tensors: Record<string, readonly [tensor: tf.Tensor | undefined, shape: readonly number[]]>,
): void {
  for (const [name, [tensor, shape]] of Object.entries(tensors)) {
    if (tensor === undefined) continue;
    const fits = tensor.rank === shape.length && shape.every((size, i) => size === -1 || size === tensor.shape[i]);
    if (fits) continue;
    const wanted = shape.map((size) => (size === -1 ? 'any' : size)).join(', ');
    throw new RangeError(`${caller}: ${name} must have the shape [${wanted}], got [${tensor.shape.join(', ')}].`);
  }
}
