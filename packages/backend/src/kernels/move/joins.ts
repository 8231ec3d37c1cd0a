import type { ConcatAttrs, DataType, PackAttrs, PadV2Attrs, TensorInfo, TileAttrs } from '@tensorflow/tfjs-core';
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

/** Fills `count` elements with a number, as a typed array takes it. */
export function fillElements(own: Own, address: number, count: number, value: number, dtype: DataType): void {
  if (count === 0) return;
  const bits = bitsOf(value, dtype);
  if (dtype === 'bool') own.run.fillBytes!(address, count, value & 255);
  else if (bits === 0) own.run.fillBytes!(address, count * 4, 0);
  else own.run.fillWords!(address, count, bits);
}

export function padV2({ inputs: { x }, attrs }: KernelArgs<X, PadV2Attrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  const { paddings, constantValue } = attrs;
  if (bytes === 0) return undefined;
  const rank = x.shape.length;
  const outShape = x.shape.slice();
  let leadingOnly = true; // then rows are whole, and what is around them is one piece
  for (let i = 0; i < rank; i++) {
    const [before, after] = paddings[i]!;
    if (before < 0 || after < 0) return undefined;
    outShape[i] = before + x.shape[i]! + after;
    if (i > 0 && before + after > 0) leadingOnly = false;
  }
  const [size, total] = [sizeOf(x.shape), sizeOf(outShape)];
  if (size === total) return share(own, x, outShape);
  const out = own.output(outShape, x.dtype);
  const target = own.address(out);
  if (size === 0 || !leadingOnly) fillElements(own, target, total, constantValue, x.dtype);
  if (size === 0) return out;
  let [s, d, start] = [size * bytes, total * bytes, 0];
  beginMove();
  for (let i = 0; i < rank; i++) {
    s /= x.shape[i]!;
    d /= outShape[i]!;
    start += paddings[i]![0] * d;
    moveAxis(x.shape[i]!, s, d);
  }
  endMove(bytes);
  move(own, own.address(x), target + start);
  if (leadingOnly) {
    const before = start / bytes;
    fillElements(own, target, before, constantValue, x.dtype);
    fillElements(own, target + start + size * bytes, total - before - size, constantValue, x.dtype);
  }
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
