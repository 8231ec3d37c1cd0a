import type * as tf from '@tensorflow/tfjs-core';
import { sizesOf } from '../fused/sequence.ts';
import type { Workspace } from '../wasm/own.ts';

/** Addresses of tensors; 0 for one that is not there. */
export const addresses = (own: Workspace, ...infos: (tf.TensorInfo | undefined)[]): number[] =>
  infos.map((info) => (info === undefined ? 0 : own.address(info)));

/** The same numbers as another tensor, without a copy. */
export function shared(own: Workspace, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  own.backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** A copy of a matrix [B, H]. */
export function copyOf(own: Workspace, matrix: tf.TensorInfo): tf.TensorInfo {
  const [rows, columns] = matrix.shape as [number, number];
  const out = own.output(matrix.shape);
  own.run.statesAt!(own.address(matrix), 0, own.address(out), 0, rows, 1, columns);
  return out;
}

/** The state [B, H] after the step that ran last, from those after each, [B, T, H], and the initial one. */
export function lastStates(
  own: Workspace,
  states: tf.TensorInfo,
  initial: tf.TensorInfo,
  backward: boolean,
): tf.TensorInfo {
  const { batch, steps, units } = sizesOf(states);
  if (steps === 0) return copyOf(own, initial);
  if (steps === 1) return { ...shared(own, states), shape: [batch, units] };
  const out = own.output([batch, units]);
  own.run.statesAt!(own.address(states), backward ? 0 : steps - 1, own.address(out), 0, batch, steps, units);
  return out;
}

/** The states that the steps began with, [B, T, H]. */
export function statesBefore(
  own: Workspace,
  states: tf.TensorInfo,
  initial: tf.TensorInfo,
  backward: boolean,
): tf.TensorInfo {
  const { batch, steps, units } = sizesOf(states);
  const out = own.output(states.shape);
  if (steps > 0)
    own.run.statesBefore!(...addresses(own, states, initial, out), 0, batch, steps, units, Number(backward));
  return out;
}
