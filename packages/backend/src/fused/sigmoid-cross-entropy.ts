import * as tf from '@tensorflow/tfjs-core';
import { fits, show } from './show.ts';

/** [B, D] each, x in [0, 1]. */
export type SigmoidCrossEntropyInputs<T extends tf.TensorInfo = tf.TensorInfo> = Record<'x' | 'logits', T>;

/** @throws RangeError unless both are float32 and of one shape. */
export function checkSigmoidCrossEntropy(inputs: SigmoidCrossEntropyInputs): [rows: number, columns: number] {
  const [rows = 0, columns = 0] = inputs.logits.shape;
  if (fits(inputs, { x: [rows, columns], logits: [rows, columns] })) return [rows, columns];
  throw new RangeError(
    `ProjSigmoidCrossEntropy: x and logits must be float32 [B, D] of one shape, got ${show(inputs)}.`,
  );
}

/** `ProjSigmoidCrossEntropy` in operations: sum of softplus(l) - x l [B], and its gradient sigmoid(l) - x [B, D]. */
export function sigmoidCrossEntropy(
  inputs: SigmoidCrossEntropyInputs<tf.Tensor>,
  { gradient }: { gradient: boolean },
): tf.Tensor[] {
  checkSigmoidCrossEntropy(inputs);
  const { x, logits } = inputs;
  const loss = tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)), 1);
  return gradient ? [loss, tf.sub(tf.sigmoid(logits), x)] : [loss];
}

/** Of the loss alone: the gradient that the kernel gives passes none. */
export const sigmoidCrossEntropyGradient: tf.GradConfig = {
  kernelName: 'ProjSigmoidCrossEntropy',
  inputsToSave: ['x', 'logits'],
  gradFunc: (dys, saved) => {
    const [x, logits] = saved as [tf.Tensor, tf.Tensor];
    const perRow = tf.expandDims(Array.isArray(dys) ? dys[0]! : dys, 1);
    return {
      x: () => tf.neg(tf.mul(perRow, logits)),
      logits: () => tf.mul(perRow, tf.sub(tf.sigmoid(logits), x)),
    };
  },
};
