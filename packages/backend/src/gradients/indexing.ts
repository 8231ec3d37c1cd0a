import * as tf from '@tensorflow/tfjs-core';
import { zeros } from './zeros.ts';

const product = (sizes: number[]) => sizes.reduce((n, m) => n * m, 1);

/** Reading by index has writing as its gradient and the other way round; equal indices add up. Indices have zero. */
export function registerIndexingGradients(): void {
  tf.registerGradient({ kernelName: tf.GatherV2, inputsToSave: ['x', 'indices'], gradFunc: gather });
  tf.registerGradient({
    kernelName: tf.GatherNd,
    inputsToSave: ['params', 'indices'],
    gradFunc: (dy, [params, indices]) => ({
      params: () => putRows(dy as tf.Tensor, indices!, params!.shape),
      indices: () => zeros(indices!),
    }),
  });
  tf.registerGradient({
    kernelName: tf.ScatterNd,
    inputsToSave: ['indices', 'updates'],
    gradFunc: (dy, [indices, updates]) => ({
      updates: () => takeRows(dy as tf.Tensor, indices!, updates!),
      indices: () => zeros(indices!),
    }),
  });
  tf.registerGradient({
    kernelName: tf.TensorScatterUpdate,
    inputsToSave: ['indices', 'updates'],
    gradFunc: (dy, [indices, updates]) => ({
      tensor: () => tf.tensorScatterUpdate(dy as tf.Tensor, indices!, zeros(updates!)),
      updates: () =>
        tf.mul(takeRows(dy as tf.Tensor, indices!, updates!), lastWrites(dy as tf.Tensor, indices!, updates!)),
      indices: () => zeros(indices!),
    }),
  });
  tf.registerGradient({
    kernelName: tf.TopK,
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, indices]) => {
      const rows = product(x!.shape.slice(0, -1));
      const k = indices!.shape.at(-1)!;
      const flat = (t: tf.Tensor) => tf.reshape(t, [rows, k]);
      return {
        x: () => putInRows(flat((dys as unknown as tf.Tensor[])[0]!), flat(indices!), x!.shape, x!.shape.at(-1)!),
      };
    },
  });
  tf.registerGradient({
    kernelName: tf.MaxPoolWithArgmax,
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, indices], attrs) => {
      const wholeBatch = (attrs as { includeBatchInIndex?: boolean }).includeBatchInIndex === true;
      const rows = wholeBatch ? 1 : x!.shape[0]!;
      const flat = (t: tf.Tensor) => tf.reshape(t, [rows, t.size / Math.max(1, rows)]);
      const dy = (dys as unknown as tf.Tensor[])[0]!;
      return { x: () => putInRows(flat(dy), flat(indices!), x!.shape, x!.size / Math.max(1, rows)) };
    },
  });
}

/**
 * x [B..., O..., D, I...], indices [B..., J...], batchDims axes in B: dy [B..., O..., J..., I...].
 * Each index is one of B * D segments, into which its rows [O..., I...] are summed.
 */
const gather: tf.GradFunc = (dy, [x, indices], attrs) => {
  const { axis, batchDims = 0 } = attrs as unknown as { axis: number; batchDims?: number };
  const slope = () => {
    const at = tf.util.parseAxisParam(axis, x!.shape)[0]!;
    const batch = product(x!.shape.slice(0, batchDims));
    const outer = product(x!.shape.slice(batchDims, at));
    const inner = product(x!.shape.slice(at + 1));
    const size = x!.shape[at]!;
    if (x!.size === 0 || indices!.size === 0) return zeros(x!);
    const count = indices!.size / batch;
    const swap = (t: tf.Tensor) => (outer === 1 ? t : tf.transpose(t, [0, 2, 1, 3]));
    const rows = tf.reshape(swap(tf.reshape(dy as tf.Tensor, [batch, outer, count, inner])), [
      batch * count,
      outer * inner,
    ]);
    const sums = tf.unsortedSegmentSum(rows, rowIds(tf.reshape(indices!, [batch, count]), size), batch * size);
    return tf.reshape(swap(tf.reshape(sums, [batch, size, outer, inner])), x!.shape);
  };
  return { x: slope, indices: () => zeros(indices!) };
};

/** ids [R, K] of places in rows of `size` -> [R K] places in the whole. */
function rowIds(ids: tf.Tensor, size: number): tf.Tensor1D {
  const [rows, k] = ids.shape as [number, number];
  if (rows === 1) return tf.reshape(ids, [k]);
  const starts = tf.tensor2d(
    Int32Array.from({ length: rows }, (_, row) => row * size),
    [rows, 1],
    'int32',
  );
  return tf.reshape(tf.add(tf.cast(ids, 'int32'), starts), [rows * k]);
}

/** dy [R, K], ids [R, K] within rows of `size` numbers -> the tensor of R rows that they were taken from. */
function putInRows(dy: tf.Tensor, ids: tf.Tensor, shape: number[], size: number): tf.Tensor {
  if (dy.size === 0) return tf.zeros(shape);
  const sums = tf.unsortedSegmentSum(tf.reshape(dy, [dy.size, 1]), rowIds(ids, size), product(shape));
  return tf.reshape(sums, shape);
}

/** indices [N..., K] and rows [N..., rest of shape]: zeros of `shape` with the rows added at the indices. */
function putRows(rows: tf.Tensor, indices: tf.Tensor, shape: number[]): tf.Tensor {
  const k = indices.shape.at(-1)!;
  const inner = product(shape.slice(k));
  const count = indices.size / Math.max(1, k);
  if (rows.size === 0 || count === 0) return tf.zeros(shape);
  const strides = Int32Array.from({ length: k }, (_, i) => product(shape.slice(i + 1, k)));
  const places = tf.mul(tf.reshape(indices, [count, k]), tf.tensor2d(strides, [1, k], 'int32'));
  const ids = k === 1 ? tf.reshape(indices, [count]) : tf.sum(places, 1);
  const sums = tf.unsortedSegmentSum(tf.reshape(rows, [count, inner]), ids as tf.Tensor1D, product(shape.slice(0, k)));
  return tf.reshape(sums, shape);
}

/** The rows at the indices, shaped as `like`. */
function takeRows(t: tf.Tensor, indices: tf.Tensor, like: tf.Tensor): tf.Tensor {
  if (like.size === 0) return zeros(like);
  return tf.reshape(tf.gatherND(t, listOf(indices)), like.shape);
}

/** tfjs reads indices [N] as N indices of one number each. */
const listOf = (indices: tf.Tensor) => (indices.rank === 1 ? tf.reshape(indices, [indices.size, 1]) : indices);

/** 1 for each update that was written and not overwritten by another at the same index, shaped to multiply updates. */
function lastWrites({ shape }: tf.Tensor, indices: tf.Tensor, updates: tf.Tensor): tf.Tensor {
  const list = listOf(indices);
  const k = list.shape.at(-1)!;
  const count = list.size / Math.max(1, k);
  if (updates.size === 0 || count === 0) return zeros(updates);
  const flat = tf.reshape(list, [count, k]);
  const order = tf.range(0, count, 1, 'float32');
  const written = tf.tensorScatterUpdate(tf.zeros(shape.slice(0, k)), flat, order);
  const last = tf.cast(tf.equal(tf.gatherND(written, flat), order), 'float32');
  return tf.reshape(last, [...list.shape.slice(0, -1), ...new Array(updates.rank - list.rank + 1).fill(1)]);
}
