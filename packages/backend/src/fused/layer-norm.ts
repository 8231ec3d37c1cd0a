import * as tf from '@tensorflow/tfjs-core';
import { fits, show } from './show.ts';

/** [N, D], [D] and [D]. */
export type LayerNormInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<'x' | 'gamma' | 'beta', T>;

/** dy and x [N, D], gamma [D], mean and inverse [N]. */
export type LayerNormGradInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<
  'dy' | 'x' | 'gamma' | 'mean' | 'inverse',
  T
>;

/** @throws RangeError unless everything is float32 and fits. */
export function checkLayerNorm(inputs: LayerNormInputs): [rows: number, columns: number] {
  const [rows = 0, columns = 0] = inputs.x.shape;
  if (fits(inputs, { x: [rows, columns], gamma: [columns], beta: [columns] }) && columns > 0) return [rows, columns];
  throw new RangeError(
    `ProjLayerNorm: x must be float32 [N, D], D from 1, gamma and beta float32 [D]; got ${show(inputs)}.`,
  );
}

/** @throws RangeError unless everything is float32 and fits. */
export function checkLayerNormGrad(inputs: LayerNormGradInputs): [rows: number, columns: number] {
  const [rows = 0, columns = 0] = inputs.x.shape;
  const shapes = { dy: [rows, columns], x: [rows, columns], gamma: [columns], mean: [rows], inverse: [rows] };
  if (fits(inputs, shapes) && columns > 0) return [rows, columns];
  throw new RangeError(
    'ProjLayerNormGrad: dy and x must be float32 [N, D], D from 1, gamma float32 [D], mean and inverse float32 [N]; ' +
      `got ${show(inputs)}.`,
  );
}

/** `ProjLayerNorm` in operations: y [N, D], mean and inverse [N]. */
export function layerNorm(inputs: LayerNormInputs<tf.Tensor>, { epsilon }: { epsilon: number }): tf.Tensor[] {
  checkLayerNorm(inputs);
  const { x, gamma, beta } = inputs;
  const mean = tf.mean(x, 1);
  const centred = tf.sub(x, tf.expandDims(mean, 1));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1), epsilon));
  return [tf.add(tf.mul(tf.mul(centred, tf.expandDims(inverse, 1)), gamma), beta), mean, inverse];
}

/** `ProjLayerNormGrad` in operations: dx [N, D], dGamma and dBeta [D]; see assembly/layer-norm.ts. */
export function layerNormGrad(inputs: LayerNormGradInputs<tf.Tensor>): tf.Tensor[] {
  checkLayerNormGrad(inputs);
  const { dy, x, gamma, mean, inverse } = inputs;
  const over = tf.expandDims(inverse, 1);
  const h = tf.mul(tf.sub(x, tf.expandDims(mean, 1)), over);
  const d = tf.mul(dy, gamma);
  const means = tf.add(tf.mean(d, 1, true), tf.mul(h, tf.mean(tf.mul(d, h), 1, true)));
  return [tf.mul(over, tf.sub(d, means)), tf.sum(tf.mul(dy, h), 0), tf.sum(dy, 0)];
}

/** By x, gamma and beta of y alone: mean and inverse are there for this and pass no gradient. */
export const layerNormGradient: tf.GradConfig = {
  kernelName: 'ProjLayerNorm',
  inputsToSave: ['x', 'gamma', 'beta'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const dy = (dys as tf.Tensor[])[0]!;
    const [x, gamma, beta, mean, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    // Where someone differentiates this too, mean and inverse must hang on x, and all be operations.
    const [dx, dGamma, dBeta] = tf.engine().isTapeOn()
      ? layerNormGrad(withStatistics(dy, { x, gamma, beta }, attrs as unknown as { epsilon: number }))
      : tf.engine().runKernel<tf.Tensor[]>('ProjLayerNormGrad', { dy, x, gamma, mean, inverse });
    return { x: () => dx!, gamma: () => dGamma!, beta: () => dBeta! };
  },
};

function withStatistics(dy: tf.Tensor, inputs: LayerNormInputs<tf.Tensor>, attrs: { epsilon: number }) {
  const [, mean, inverse] = layerNorm(inputs, attrs);
  return { dy, x: inputs.x, gamma: inputs.gamma, mean: mean!, inverse: inverse! };
}
