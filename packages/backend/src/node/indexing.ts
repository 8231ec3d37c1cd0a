import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { TENSORFLOW, withChanges } from './execute.ts';

/** Axes, indices and equations that tfjs takes and tfjs-node does not. */
export function mendIndexing(): void {
  mend(tf.GatherV2, TENSORFLOW, gather);
  mend(tf.ScatterNd, TENSORFLOW, flatIndices);
  mend(tf.TensorScatterUpdate, TENSORFLOW, flatIndices);
  mend(tf.UnsortedSegmentSum, TENSORFLOW, segmentSum);
  mend(tf.Einsum, TENSORFLOW, einsum);
}

/** tfjs-node looks for the length of an axis < 0, and finds every index outside of it. */
function gather(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { axis } = args.attrs as { axis: number };
  const { x } = args.inputs as { x: tf.TensorInfo };
  return axis < 0 ? original(withChanges(args, {}, { axis: axis + x.shape.length })) : original(args);
}

/** Indices [N] into one axis are [N, 1] to TensorFlow, which refuses to scatter nothing into nothing. */
function flatIndices(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { indices, updates, tensor } = args.inputs as { indices: tf.Tensor; updates: tf.Tensor; tensor?: tf.Tensor };
  const shape = tensor?.shape ?? (args.attrs as { shape: number[] }).shape;
  if (shape.includes(0)) return tf.zeros(shape, updates.dtype);
  if (indices.shape.length > 1) return original(args);
  return tf.tidy(() => {
    const column = tf.reshape(indices, [indices.size, 1]);
    return asTensor(original(withChanges(args, { indices: column }, {})) as tf.TensorInfo);
  });
}

/** Segments beyond the last are left out: TensorFlow does that for those before the first alone, and raises an error here. */
function segmentSum(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { segmentIds } = args.inputs as { segmentIds: tf.Tensor };
  const { numSegments } = args.attrs as { numSegments: number };
  return tf.tidy(() => {
    const beyond = tf.cast(tf.greaterEqual(segmentIds, numSegments), 'int32');
    const inside = tf.sub(segmentIds, tf.mul(beyond, tf.add(segmentIds, tf.scalar(1, 'int32'))));
    return asTensor(original(withChanges(args, { segmentIds: inside }, {})) as tf.TensorInfo);
  });
}

/** TensorFlow takes a blank for a letter. */
function einsum(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { equation } = args.attrs as { equation: string };
  return original({ ...args, attrs: { equation: equation.replace(/\s/g, '') } });
}
