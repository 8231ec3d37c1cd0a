import * as tf from '@tensorflow/tfjs-core';
import { asTensor, einsumKernel, type Kernel, mend, mendKernels } from '../kernels/mended.ts';
import { batchNorm } from './batch-norm.ts';
import { mendEmptyConvolutions } from './empty.ts';
import { cumulate } from './scans.ts';
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
  mend(tf.Cumsum, 'webgpu', cumulate('+'));
  mend(tf.Cumprod, 'webgpu', cumulate('*'));
  mend(tf.FusedBatchNorm, 'webgpu', batchNorm);
  mend(tf.PadV2, 'webgpu', pad);
  mend(tf.Tile, 'webgpu', tile);
  mend(tf.Select, 'webgpu', select);
  mend(tf.UnsortedSegmentSum, 'webgpu', segmentSum);
  mend(tf.ScatterNd, 'webgpu', scatter);
  mend(tf.Einsum, 'webgpu', einsumKernel);
  mend(tf.TopK, 'webgpu', topK);
  mend(tf.ArgMax, 'webgpu', placeOf);
  mend(tf.ArgMin, 'webgpu', placeOf);
  for (const [name, [value, dtype]] of Object.entries(OF_NOTHING)) {
    mend(name, 'webgpu', (args, original) => ofNothing(args, value, dtype) ?? original(args));
  }
  mendEmptyConvolutions();
  mendKernels('webgpu'); // of these, what is not mended yet
}

/**
 * Where the last axis has one number tfjs's engine gives out its argument, whose gradient then counts twice; for the largest 0
 * it changes the argument's shape.
 */
function topK(args: Kernel, original: tf.KernelFunc): tf.TensorInfo[] {
  const { x } = args.inputs as { x: tf.TensorInfo };
  const backend = args.backend as WebGpuBackend;
  const own = { ...x, shape: [...x.shape] };
  const results = original({ ...args, inputs: { x: own } }) as tf.TensorInfo[];
  if (results[0] !== own) return results;
  backend.incRef(x.dataId);
  return [{ dataId: x.dataId, shape: own.shape, dtype: x.dtype }, results[1]!];
}

/** More than four axes do not compile: one axis after the other then, between those before it and those behind. */
function pad(args: Kernel, original: tf.KernelFunc) {
  const { x } = args.inputs as { x: tf.Tensor };
  const { paddings, constantValue } = args.attrs as unknown as { paddings: [number, number][]; constantValue: number };
  if (x.shape.length < 5) return original(args);
  return tf.tidy(() => {
    const shape = [...x.shape];
    let padded = tf.clone(x);
    for (const [axis, [before, after]] of paddings.entries()) {
      const sizes = [shape.slice(0, axis), [shape[axis]!], shape.slice(axis + 1)].map(tf.util.sizeFromShape);
      if (before + after > 0) {
        const cut = tf.reshape(padded, sizes as [number, number, number]);
        const widths: [number, number][] = [
          [0, 0],
          [before, after],
          [0, 0],
        ];
        padded = tf.pad(cut, widths, constantValue);
      }
      shape[axis] = shape[axis]! + before + after;
    }
    return tf.reshape(padded, shape);
  });
}

/** The same: with five axes and more tfjs's engine reads the tensor and repeats it on the processor. */
function tile(args: Kernel, original: tf.KernelFunc) {
  const { x } = args.inputs as { x: tf.Tensor };
  const { reps } = args.attrs as { reps: number[] };
  if (x.shape.length < 5 || x.dtype === 'string') return original(args);
  return tf.tidy(() => {
    const shape = [...x.shape];
    let tiled = tf.clone(x);
    for (const [axis, times] of reps.entries()) {
      const sizes = [shape.slice(0, axis), shape.slice(axis)].map(tf.util.sizeFromShape);
      if (times !== 1) tiled = tf.tile(tf.reshape(tiled, sizes as [number, number]), [1, times]);
      shape[axis] = shape[axis]! * times;
    }
    return tf.reshape(tiled, shape);
  });
}

/** Not for more than four axes in tfjs's engine, and they make no difference. */
function select(args: Kernel, original: tf.KernelFunc) {
  const { condition, t, e } = args.inputs as Record<'condition' | 't' | 'e', tf.Tensor>;
  if (t.shape.length < 5) return original(args);
  const shape = condition.shape.length === 1 ? [condition.size, t.size / Math.max(1, condition.size)] : [t.size];
  const flat = (x: tf.Tensor) => ({ ...x, dataId: x.dataId, dtype: x.dtype, shape }) as tf.TensorInfo;
  const inputs = { t: flat(t), e: flat(e), condition: { ...flat(condition), shape: shape.slice(0, 1) } };
  return { ...(original({ ...args, inputs }) as tf.TensorInfo), shape: t.shape };
}

/** tfjs's engine counts an id beyond the last segment from the first again, and fails where there is nothing to sum. */
function segmentSum(args: Kernel, original: tf.KernelFunc) {
  const { x, segmentIds } = args.inputs as Record<'x' | 'segmentIds', tf.Tensor>;
  const { numSegments } = args.attrs as { numSegments: number };
  return tf.tidy(() => {
    const shape = [numSegments, ...x.shape.slice(1)];
    if (x.size === 0) return tf.zeros(shape, x.dtype);
    const ids = tf.cast(segmentIds, 'int32');
    const inside = tf.where(tf.less(ids, numSegments), ids, tf.scalar(-1, 'int32'));
    return asTensor(original({ ...args, inputs: { x, segmentIds: inside } }) as tf.TensorInfo);
  });
}

/** Booleans are no type that the shader of tfjs's engine compiles for. */
function scatter(args: Kernel, original: tf.KernelFunc) {
  const { indices, updates } = args.inputs as Record<'indices' | 'updates', tf.Tensor>;
  if (updates.dtype !== 'bool') return original(args);
  return tf.tidy(() => {
    const numbers = tf.cast(updates, 'int32');
    return tf.cast(asTensor(original({ ...args, inputs: { indices, updates: numbers } }) as tf.TensorInfo), 'bool');
  });
}

/** tfjs's engine gives the place in a vector as a vector of one number. */
function placeOf(args: Kernel, original: tf.KernelFunc): tf.TensorInfo {
  const place = original(args) as tf.TensorInfo;
  return (args.inputs as { x: tf.TensorInfo }).x.shape.length === 1 ? { ...place, shape: [] } : place;
}

/** The result where an axis of length 0 is reduced, which makes tfjs's engine divide 0 by 0; else undefined. */
function ofNothing({ inputs, attrs, backend }: Kernel, value: number, type?: tf.DataType): tf.TensorInfo | undefined {
  const { x } = inputs as { x: tf.TensorInfo };
  const { axis, reductionIndices, keepDims } = attrs as Partial<tf.SumAttrs & tf.MaxAttrs>;
  const axes = tf.util.parseAxisParam((axis ?? reductionIndices)!, x.shape);
  if (axes.every((i) => x.shape[i]! > 0)) return undefined;
  const [outShape] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(outShape, axes) : outShape;
  const dtype = type ?? tf.sumOutType(x.dtype);
  const values = tf.util.getArrayFromDType(dtype as 'float32', tf.util.sizeFromShape(shape)).fill(value);
  return (backend as WebGpuBackend).makeTensorInfo(shape, dtype, values);
}
