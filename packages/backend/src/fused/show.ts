import type * as tf from '@tensorflow/tfjs-core';

/** 'x float32 [2, 3], gamma int32 [3]', for the errors of kernels. */
export const show = (inputs: Readonly<Record<string, tf.TensorInfo>>): string =>
  Object.entries(inputs)
    .map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape.join(', ')}]`)
    .join(', ');

/** Whether every input is float32 and has the shape expected for it. */
export const fits = (inputs: Readonly<Record<string, tf.TensorInfo>>, shapes: Record<string, number[]>): boolean =>
  Object.entries(shapes).every(([name, shape]) => {
    const info = inputs[name];
    return info?.dtype === 'float32' && String(info.shape) === String(shape);
  });
