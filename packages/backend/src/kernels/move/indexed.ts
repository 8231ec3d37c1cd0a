import type {
  GatherV2Attrs,
  OneHotAttrs,
  ScatterNdAttrs,
  TensorInfo,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { backend_util, gather_util, scatter_util, util } from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../../wasm/own.ts';
import { bitsOf, elementBytes, sizeOf } from './strided.ts';

const element = (own: Own, info: TensorInfo, i: number): number => own.backend.typedArrayFromHeap(info)[i]!;

type Indexed = { x: TensorInfo; indices: TensorInfo };

export function gatherV2({ inputs: { x, indices }, attrs }: KernelArgs<Indexed, GatherV2Attrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  if (bytes === 0 || indices.dtype !== 'int32') return undefined;
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const dim = x.shape[axis]!;
  const count = sizeOf(indices.shape);
  const ids = own.address(indices);
  const bad = own.run.firstOutside!(ids, count, dim);
  if (bad >= 0) {
    throw new Error(`GatherV2: the index value ${element(own, indices, bad)} is not in [0, ${dim - 1}]`);
  }
  const info = backend_util.segment_util.collectGatherOpShapeInfo(x as never, indices as never, axis, attrs.batchDims);
  const from = own.address(x);
  const out = own.output(info.outputShape, x.dtype);
  if (sizeOf(info.outputShape) === 0) return out;
  const [batch, row] = [info.batchSize, info.sliceSize * bytes];
  own.run.gatherRows!(from, ids, own.address(out), batch, info.outerSize, dim, count / batch, row);
  return out;
}

type Segments = { x: TensorInfo; segmentIds: TensorInfo };

/**
 * Sums the rows of x by segment, and so the gradient of gather: [N..., D...], ids [N...] -> [numSegments, D...].
 * Rows whose id is outside [0, numSegments) count nowhere; segments without rows are 0. Integers stay integers, and
 * truth is counted.
 */
export function unsortedSegmentSum(args: KernelArgs<Segments, UnsortedSegmentSumAttrs>, own: Own) {
  const { x, segmentIds } = args.inputs;
  const { numSegments } = args.attrs;
  const bytes = elementBytes(x.dtype);
  if (bytes === 0 || segmentIds.dtype !== 'int32') return undefined;
  const shape = x.shape.slice(segmentIds.shape.length);
  const width = sizeOf(shape);
  shape.unshift(numSegments);
  const [from, ids] = [own.address(x), own.address(segmentIds)];
  const float = x.dtype === 'float32' ? 1 : 0;
  const out = own.output(shape, float ? 'float32' : 'int32');
  const target = own.address(out);
  const sum = (rows: number) =>
    own.run.segmentSum!(rows, ids, target, sizeOf(segmentIds.shape), width, 0, numSegments, float);
  const size = sizeOf(x.shape);
  if (bytes === 4) sum(from);
  else {
    own.scratch(size * 4, (words) => {
      own.run.boolToInt!(from, words, size);
      sum(words);
    });
  }
  return out;
}

/** What the CPU engine says; tfjs's own kernels read and write beside the tensor. */
function outside(own: Own, indices: TensorInfo, rank: number, at: number, shape: number[]): Error {
  const index = own.backend.typedArrayFromHeap(indices).slice(at * rank, (at + 1) * rank);
  return new Error(`Invalid indices: ${index} does not index into ${shape}`);
}

type Params = { params: TensorInfo; indices: TensorInfo };

export function gatherNd({ inputs: { params: x, indices } }: KernelArgs<Params, object>, own: Own) {
  const bytes = elementBytes(x.dtype);
  const rank = indices.shape[indices.shape.length - 1] ?? 0;
  if (bytes === 0 || indices.dtype !== 'int32' || rank < 1 || rank > 4) return undefined;
  const [shape, count, width, strides] = gather_util.prepareAndValidate(x as never, indices as never);
  const [from, ids] = [own.address(x), own.address(indices)];
  const out = own.output(shape, x.dtype);
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = strides;
  const [target, row] = [own.address(out), width * bytes];
  const bad = own.run.gatherNd!(from, ids, target, count, rank, s0, s1, s2, s3, row, sizeOf(x.shape) / width);
  if (bad < 0) return out;
  own.backend.disposeData(out.dataId);
  throw outside(own, indices, rank, bad, x.shape);
}

type Scattered = { indices: TensorInfo; updates: TensorInfo };

export function scatterNd({ inputs: { indices, updates }, attrs }: KernelArgs<Scattered, ScatterNdAttrs>, own: Own) {
  const shape = attrs.shape as number[];
  if (elementBytes(updates.dtype) !== 4 || indices.dtype !== 'int32' || sizeOf(shape) === 0) return undefined;
  const info = scatter_util.calculateShapes(updates, indices, shape);
  const { sliceRank, numUpdates, sliceSize, strides } = info;
  if (sliceRank < 1 || sliceRank > 4 || sliceSize === 0) return undefined;
  if (sizeOf(indices.shape) !== numUpdates * sliceRank || sizeOf(updates.shape) !== numUpdates * sliceSize)
    return undefined;
  const [ids, from] = [own.address(indices), own.address(updates)];
  const out = own.output(shape.slice(), updates.dtype);
  const rows = info.outputSize / sliceSize;
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = strides;
  const float = updates.dtype === 'float32' ? 1 : 0;
  const target = own.address(out);
  // biome-ignore format: as the compiled function has them
  const bad = own.run.scatterSum!(
    ids, from, target, numUpdates, sliceRank, s0, s1, s2, s3, sliceSize, rows, 0, rows, float,
  );
  if (bad < 0) return out;
  own.backend.disposeData(out.dataId);
  throw outside(own, indices, sliceRank, bad, shape);
}

export function oneHot({ inputs: { indices }, attrs }: KernelArgs<{ indices: TensorInfo }, OneHotAttrs>, own: Own) {
  const { depth, onValue, offValue, dtype } = attrs;
  if (elementBytes(dtype) !== 4 || indices.dtype !== 'int32') return undefined;
  const [ids, count] = [own.address(indices), sizeOf(indices.shape)];
  const shape = indices.shape.slice();
  shape.push(depth);
  const out = own.output(shape, dtype);
  own.run.oneHot!(ids, own.address(out), count, depth, bitsOf(onValue, dtype), bitsOf(offValue, dtype));
  return out;
}
