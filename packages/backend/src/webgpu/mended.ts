import * as tf from '@tensorflow/tfjs-core';
import { type Kernel, mend, mendKernels } from '../kernels/mended.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

/** What a reduction makes of nothing, and of which type where that is not the argument's. */
const OF_NOTHING: Record<string, readonly [value: number, dtype?: tf.DataType]> = {
  [tf.Sum]: [0],
  [tf.Prod]: [1],
  [tf.Mean]: [Number.NaN, 'float32'],
  [tf.Max]: [Number.NEGATIVE_INFINITY],
  [tf.Min]: [Number.POSITIVE_INFINITY],
  [tf.All]: [1, 'bool'],
  [tf.Any]: [0, 'bool'],
};

/** Kernels that tfjs's WebGPU engine has wrong. */
export function mendWebGpuKernels(): void {
  mendKernels('webgpu');
  mend(tf.ArgMax, 'webgpu', placeOf);
  mend(tf.ArgMin, 'webgpu', placeOf);
  for (const [name, [value, dtype]] of Object.entries(OF_NOTHING)) {
    mend(name, 'webgpu', (args, original) => ofNothing(args, value, dtype) ?? original(args));
  }
}

/** tfjs's engine gives the place in a vector as a vector of one number. */
function placeOf(args: Kernel, original: tf.KernelFunc): tf.TensorInfo {
  const place = original(args) as tf.TensorInfo;
  return (args.inputs as { x: tf.TensorInfo }).x.shape.length === 1 ? { ...place, shape: [] } : place;
}

/** The result where an axis of length 0 is reduced, which makes tfjs's engine divide 0 by 0; else undefined. */
function ofNothing({ inputs, attrs, backend }: Kernel, value: number, type?: tf.DataType): tf.TensorInfo | undefined {
  const { x } = inputs as { x: tf.TensorInfo };
  const {
    axis,
    reductionIndices = axis,
    keepDims,
  } = attrs as Record<'axis' | 'reductionIndices', number | number[]> & {
    keepDims?: boolean;
  };
  const axes = tf.util.parseAxisParam(reductionIndices, x.shape); // Max calls them so
  if (axes.every((i) => x.shape[i]! > 0)) return undefined;
  const [outShape] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(outShape, axes) : outShape;
  const dtype = type ?? tf.sumOutType(x.dtype);
  const values = tf.util.getArrayFromDType(dtype as 'float32', tf.util.sizeFromShape(shape)).fill(value);
  return (backend as WebGpuBackend).makeTensorInfo(shape, dtype, values);
}
