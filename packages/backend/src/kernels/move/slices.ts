import type { SliceAttrs, SplitVAttrs, StridedSliceAttrs, TensorInfo, UnpackAttrs } from '@tensorflow/tfjs-core';
import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../../wasm/own.ts';
import { deal } from './deal.ts';
import { beginMove, elementBytes, endMove, move, moveAxis, share, sizeOf } from './strided.ts';

type X = { x: TensorInfo };

/** The elements of x at begin + i * strides for every i in size; `shape` is the result's. */
function pick(own: Own, x: TensorInfo, begin: number[], strides: number[] | null, size: number[], shape: number[]) {
  const bytes = elementBytes(x.dtype);
  const total = sizeOf(size);
  beginMove();
  let [source, target, start] = [sizeOf(x.shape) * bytes, total * bytes, 0];
  for (let i = 0; i < size.length; i++) {
    source /= x.shape[i]! || 1;
    target /= size[i]! || 1;
    start += begin[i]! * source;
    moveAxis(size[i]!, strides === null ? source : source * strides[i]!, target);
  }
  const dense = endMove(bytes);
  if (dense && total === sizeOf(x.shape)) return share(own, x, shape);
  const from = own.address(x) + start;
  const out = own.output(shape, x.dtype);
  if (total > 0) move(own, from, own.address(out));
  return out;
}

export function slice({ inputs: { x }, attrs: { begin, size } }: KernelArgs<X, SliceAttrs>, own: Own) {
  if (elementBytes(x.dtype) === 0) return undefined;
  const [from, shape] = slice_util.parseSliceParams(x, begin, size);
  return pick(own, x, from!, null, shape!, shape!);
}

export function stridedSlice({ inputs: { x }, attrs }: KernelArgs<X, StridedSliceAttrs>, own: Own) {
  if (elementBytes(x.dtype) === 0) return undefined;
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const info = slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
  if (info.isIdentity) return share(own, x, info.finalShape);
  const total = sizeOf(info.finalShape);
  if (total === 0) return own.output(info.finalShape, x.dtype);
  // Of every axis of x, also of those that the result drops, where tfjs's own kernels fail.
  const size = slice_util.computeOutShape(info.begin, info.end, info.strides);
  if (size.length !== x.shape.length || sizeOf(size) !== total) return undefined;
  return pick(own, x, info.begin, info.strides, size, info.finalShape);
}

export function splitV({ inputs: { x }, attrs }: KernelArgs<X, SplitVAttrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  if (bytes === 0) return undefined;
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const parts = backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits, axis);
  if (parts.length === 1) return [share(own, x, x.shape.slice())];
  const inner = sizeOf(x.shape, axis + 1) * bytes;
  const outs: TensorInfo[] = [];
  for (const part of parts) {
    const shape = x.shape.slice();
    shape[axis] = part;
    outs.push(own.output(shape, x.dtype));
  }
  const blocks = parts.map((part) => part * inner);
  deal(own, sizeOf(x.shape, 0, axis), own.address(x), x.shape[axis]! * inner, outs, blocks, true);
  return outs;
}

export function unpack({ inputs: { value: x }, attrs }: KernelArgs<{ value: TensorInfo }, UnpackAttrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  if (bytes === 0) return undefined;
  const axis = attrs.axis < 0 ? attrs.axis + x.shape.length : attrs.axis;
  const shape = x.shape.slice();
  const count = shape.splice(axis, 1)[0]!;
  if (count === 1) return [share(own, x, shape)];
  const inner = sizeOf(shape, axis) * bytes;
  const [outs, blocks]: [TensorInfo[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    outs.push(own.output(shape.slice(), x.dtype));
    blocks.push(inner);
  }
  deal(own, sizeOf(shape, 0, axis), own.address(x), count * inner, outs, blocks, true);
  return outs;
}
