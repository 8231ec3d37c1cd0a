import * as tf from '@tensorflow/tfjs-core';
import { fits, show } from './show.ts';

/** [B, D] each. */
export type GaussianKlInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<'loc' | 'logVariance', T>;

/** @throws RangeError unless both are float32 and of one shape. */
export function checkGaussianKl(inputs: GaussianKlInputs): [rows: number, columns: number] {
  const [rows = 0, columns = 0] = inputs.loc.shape;
  if (fits(inputs, { loc: [rows, columns], logVariance: [rows, columns] })) return [rows, columns];
  throw new RangeError(`ProjGaussianKl: loc and logVariance must be float32 [B, D] of one shape, got ${show(inputs)}.`);
}

/** `ProjGaussianKl` in operations: sum of (e^v - 1 - v + m^2) / 2, [B]. */
export function gaussianKl(inputs: GaussianKlInputs<tf.Tensor>): tf.Tensor {
  checkGaussianKl(inputs);
  const { loc, logVariance } = inputs;
  const terms = tf.add(tf.sub(tf.expm1(logVariance), logVariance), tf.square(loc));
  return tf.mul(tf.sum(terms, 1), 0.5);
}

export const gaussianKlGradient: tf.GradConfig = {
  kernelName: 'ProjGaussianKl',
  inputsToSave: ['loc', 'logVariance'],
  gradFunc: (dy, saved) => {
    const [loc, logVariance] = saved as [tf.Tensor, tf.Tensor];
    const perRow = tf.expandDims(dy as tf.Tensor, 1);
    return {
      loc: () => tf.mul(perRow, loc),
      logVariance: () => tf.mul(tf.mul(perRow, 0.5), tf.expm1(logVariance)),
    };
  },
};
