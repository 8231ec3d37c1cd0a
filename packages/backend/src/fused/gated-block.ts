import * as tf from '@tensorflow/tfjs-core';
import { fits, show } from './show.ts';

export type ConcatEluInputs<T extends tf.TensorInfo = tf.TensorInfo> = { x: T };
export type ConcatEluGradInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<'dy' | 'y', T>;
export type GatedResidualInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<'x' | 'h', T>;
export type GatedResidualGradInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<'dy' | 'h', T>;

/** Rows and numbers in one of tensors [..., D] (`single`) and [..., 2D] (`double`). @throws RangeError unless they fit. */
export function checkHalves(who: string, inputs: Record<string, tf.TensorInfo>, double: readonly string[]): Halves {
  const [name, info] = Object.entries(inputs).at(-1)!;
  const lead = info.shape.slice(0, -1);
  const size = (info.shape.at(-1) ?? 0) / (double.includes(name) ? 2 : 1);
  const expected = Object.keys(inputs).map((key) => [key, [...lead, double.includes(key) ? 2 * size : size]]);
  if (info.shape.length > 0 && Number.isInteger(size) && fits(inputs, Object.fromEntries(expected))) {
    return { lead, rows: lead.reduce((product, n) => product * n, 1), size };
  }
  const singles = Object.keys(inputs).filter((key) => !double.includes(key));
  const words = [...singles.map((key) => `${key} [..., D]`), ...double.map((key) => `${key} [..., 2D]`)].join(', ');
  throw new RangeError(`${who}: expected float32 ${words}, got ${show(inputs)}.`);
}

export interface Halves {
  readonly lead: number[];
  readonly rows: number;
  /** D */
  readonly size: number;
}

export const checkConcatElu = (inputs: ConcatEluInputs) => checkHalves('ProjConcatElu', inputs, []);
export const checkConcatEluGrad = (inputs: ConcatEluGradInputs) =>
  checkHalves('ProjConcatEluGrad', { dy: inputs.dy, y: inputs.y }, ['dy', 'y']);
export const checkGatedResidual = (inputs: GatedResidualInputs) =>
  checkHalves('ProjGatedResidual', { x: inputs.x, h: inputs.h }, ['h']);
export const checkGatedResidualGrad = (inputs: GatedResidualGradInputs) =>
  checkHalves('ProjGatedResidualGrad', { dy: inputs.dy, h: inputs.h }, ['h']);

/** `ProjConcatElu` in operations. */
export function concatElu(inputs: ConcatEluInputs<tf.Tensor>): tf.Tensor {
  checkConcatElu(inputs);
  return tf.elu(tf.concat([inputs.x, tf.neg(inputs.x)], -1));
}

/** `ProjConcatEluGrad` in operations: where y = elu is negative, its slope is y + 1. */
export function concatEluGrad(inputs: ConcatEluGradInputs<tf.Tensor>): tf.Tensor {
  checkConcatEluGrad(inputs);
  const [up, down] = tf.split(tf.mul(inputs.dy, tf.add(tf.minimum(inputs.y, 0), 1)), 2, -1) as [tf.Tensor, tf.Tensor];
  return tf.sub(up, down);
}

/** `ProjGatedResidual` in operations. */
export function gatedResidual(inputs: GatedResidualInputs<tf.Tensor>): tf.Tensor {
  checkGatedResidual(inputs);
  const [a, b] = tf.split(inputs.h, 2, -1) as [tf.Tensor, tf.Tensor];
  return tf.add(inputs.x, tf.mul(a, tf.sigmoid(b)));
}

/** `ProjGatedResidualGrad` in operations: by h. */
export function gatedResidualGrad(inputs: GatedResidualGradInputs<tf.Tensor>): tf.Tensor {
  checkGatedResidualGrad(inputs);
  const [a, b] = tf.split(inputs.h, 2, -1) as [tf.Tensor, tf.Tensor];
  const open = tf.sigmoid(b);
  const passed = tf.mul(inputs.dy, open);
  return tf.concat([passed, tf.mul(passed, tf.mul(a, tf.sub(1, open)))], -1);
}

/** By a kernel; in operations where someone differentiates this too. */
const gradient = (
  kernelName: string,
  inOperations: (inputs: never) => tf.Tensor,
  inputs: Record<string, tf.Tensor>,
): tf.Tensor =>
  tf.engine().isTapeOn() ? inOperations(inputs as never) : tf.engine().runKernel<tf.Tensor>(kernelName, inputs);

export const concatEluGradient: tf.GradConfig = {
  kernelName: 'ProjConcatElu',
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const [x, kept] = saved as [tf.Tensor, tf.Tensor];
    const y = tf.engine().isTapeOn() ? concatElu({ x }) : kept; // then y must hang on x
    return { x: () => gradient('ProjConcatEluGrad', concatEluGrad, { dy: dy as tf.Tensor, y }) };
  },
};

export const gatedResidualGradient: tf.GradConfig = {
  kernelName: 'ProjGatedResidual',
  inputsToSave: ['h'],
  gradFunc: (dy, saved) => ({
    x: () => tf.clone(dy as tf.Tensor),
    h: () => gradient('ProjGatedResidualGrad', gatedResidualGrad, { dy: dy as tf.Tensor, h: saved[0]! }),
  }),
};
