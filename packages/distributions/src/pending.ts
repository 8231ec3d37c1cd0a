import * as tf from '@tensorflow/tfjs-core';
import { constant } from './internal/constant.ts';

export const log1p = (x: tf.Tensor): tf.Tensor => tf.log1p(x);
export const expm1 = (x: tf.Tensor): tf.Tensor => tf.expm1(x);

export function logSumExp(x: tf.Tensor, axis: number): tf.Tensor {
  const finite = (t: tf.Tensor) => tf.where(tf.isFinite(t), t, tf.zerosLike(t));
  const value = constant((t) => {
    const max = finite(tf.max(t, axis, true));
    return tf.add(max, tf.log(tf.sum(tf.exp(tf.sub(t, max)), axis, true)));
  });
  return tf.squeeze(
    tf.customGrad((t, save) => {
      const x = t as tf.Tensor;
      (save as tf.GradSaveFunc)([x]);
      return {
        value: value(x),
        gradFunc: (dy: tf.Tensor, [s]: tf.Tensor[]) =>
          tf.mul(dy, tf.exp(tf.sub(s!, constant(finite)(logSumExp2(s!, axis))))),
      };
    })(x),
    [axis < 0 ? x.rank + axis : axis],
  );
}
const logSumExp2 = (x: tf.Tensor, axis: number) => tf.expandDims(logSumExp(x, axis), axis);

export function logSoftmax(x: tf.Tensor): tf.Tensor {
  return tf.logSoftmax(x);
}
