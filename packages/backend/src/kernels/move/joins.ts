import type { ConcatAttrs, PackAttrs, PadV2Attrs, TensorInfo, TileAttrs } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../../wasm/own.ts';
import { deal } from './deal.ts';
import { beginMove, bitsOf, elementBytes, endMove, move, moveAxis, share, sizeOf } from './strided.ts';

type X = { x: TensorInfo };

export function concat({ inputs, attrs }: KernelArgs<TensorInfo[], ConcatAttrs>, own: Own) {
  const { dtype, shape } = inputs[0]!;
  const bytes = elementBytes(dtype);
  const axis = util.parseAxisParam(attrs.axis, shape)[0]!;
  if (bytes === 0) return undefined;
  const outShape = shape.slice();
  outShape[axis] = 0;
  const parts: TensorInfo[] = [];
  const blocks: number[] = [];
  for (const x of inputs) {
    if (x.dtype !== dtype || x.shape.length !== shape.length) return undefined;
    for (let i = 0; i < shape.length; i++) if (i !== axis && x.shape[i] !== shape[i]) return undefined;
    outShape[axis] += x.shape[axis]!;
    const block = sizeOf(x.shape, axis) * bytes;
    if (block === 0) continue;
    parts.push(x);
    blocks.push(block);
  }
  if (parts.length === 1) return share(own, parts[0]!, outShape);
  const out = own.output(outShape, dtype);
  const row = sizeOf(outShape, axis) * bytes;
  deal(own, sizeOf(shape, 0, axis), own.address(out), row, parts, blocks, false);
  return out;
}

export function pack({ inputs, attrs }: KernelArgs<TensorInfo[], PackAttrs>, own: Own) {
  const { dtype, shape } = inputs[0]!;
  const bytes = elementBytes(dtype);
  if (bytes === 0) return undefined;
  const axis = attrs.axis < 0 ? attrs.axis + shape.length + 1 : attrs.axis;
  const outShape = shape.slice();
  outShape.splice(axis, 0, inputs.length);
  const inner = sizeOf(shape, axis) * bytes;
  const blocks: number[] = [];
  for (const x of inputs) {
    if (x.dtype !== dtype || !util.arraysEqual(x.shape, shape)) return undefined;
    blocks.push(inner);
  }
  if (inputs.length === 1) return share(own, inputs[0]!, outShape);
  const out = own.output(outShape, dtype);
  deal(own, sizeOf(shape, 0, axis), own.address(out), inputs.length * inner, inputs, blocks, false);
  return out;
}

export function padV2({ inputs: { x }, attrs }: KernelArgs<X, PadV2Attrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  const { paddings, constantValue } = attrs;
  if (bytes === 0) return undefined;
  const { shape } = x;
  const outShape = shape.slice();
  let [padded, axis] = [0, 0];
  for (let i = 0; i < shape.length; i++) {
    const [before, after] = paddings[i]!;
    if (before < 0 || after < 0) return undefined;
    outShape[i] = before + shape[i]! + after;
    if (before + after === 0) continue;
    axis = i;
    padded++;
  }
  const [size, total] = [sizeOf(shape), sizeOf(outShape)];
  if (padded === 0) return share(own, x, outShape);
  const [source, out] = [own.address(x), own.output(outShape, x.dtype)];
  const [target, { fillRuns }] = [own.address(out), own.run];
  const value = bytes === 1 ? constantValue & 255 : bitsOf(constantValue, x.dtype);
  if (size === 0 || padded > 1) fillRuns!(target, 1, 0, total, value, bytes);
  else {
    // Around rows and between them.
    const inner = sizeOf(shape, axis + 1);
    const [before, after] = [paddings[axis]![0] * inner, paddings[axis]![1] * inner];
    const row = before + shape[axis]! * inner + after;
    fillRuns!(target, 1, 0, before, value, bytes);
    fillRuns!(target + (row - after) * bytes, total / row - 1, row * bytes, after + before, value, bytes);
    fillRuns!(target + (total - after) * bytes, 1, 0, after, value, bytes);
  }
  if (size === 0) return out;
  let [s, d, start] = [size * bytes, total * bytes, 0];
  beginMove();
  for (let i = 0; i < shape.length; i++) {
    s /= shape[i]!;
    d /= outShape[i]!;
    start += paddings[i]![0] * d;
    moveAxis(shape[i]!, s, d);
  }
  endMove(bytes);
  move(own, source, target + start);
  return out;
}

export function tile({ inputs: { x }, attrs: { reps } }: KernelArgs<X, TileAttrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  if (bytes === 0 || reps.length !== x.shape.length || reps.length > 16) return undefined;
  const outShape = x.shape.map((size, i) => size * reps[i]!);
  const [size, total] = [sizeOf(x.shape), sizeOf(outShape)];
  if (size === total) return share(own, x, outShape);
  const out = own.output(outShape, x.dtype);
  if (total === 0) return out;
  let [s, d] = [size * bytes, total * bytes];
  beginMove();
  for (let i = 0; i < outShape.length; i++) {
    s /= x.shape[i]!;
    d /= outShape[i]!;
    moveAxis(reps[i]!, 0, x.shape[i]! * d);
    moveAxis(x.shape[i]!, s, d);
  }
  endMove(bytes);
  move(own, own.address(x), own.address(out));
  return out;
}
