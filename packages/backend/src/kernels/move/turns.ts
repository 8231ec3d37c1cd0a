import type { ReverseAttrs, TensorInfo, TransposeAttrs } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../../wasm/own.ts';
import { beginMove, elementBytes, endMove, move, moveAxis, share, sizeOf } from './strided.ts';

type X = { x: TensorInfo };

export function transpose({ inputs: { x }, attrs: { perm } }: KernelArgs<X, TransposeAttrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  if (bytes === 0) return undefined;
  const { shape } = x;
  const total = sizeOf(shape);
  const outShape = perm.map((axis) => shape[axis]!);
  if (total === 0) return own.output(outShape, x.dtype);
  let target = total * bytes;
  beginMove();
  for (const axis of perm) {
    target /= shape[axis]!;
    moveAxis(shape[axis]!, sizeOf(shape, axis + 1) * bytes, target);
  }
  if (endMove(bytes)) return share(own, x, outShape);
  const out = own.output(outShape, x.dtype);
  move(own, own.address(x), own.address(out));
  return out;
}

export function reverse({ inputs: { x }, attrs: { dims } }: KernelArgs<X, ReverseAttrs>, own: Own) {
  const bytes = elementBytes(x.dtype);
  if (bytes === 0 || x.shape.length > 16) return undefined;
  const { shape } = x;
  const axes = util.parseAxisParam(dims, shape);
  const total = sizeOf(shape);
  if (total === 0) return own.output(shape.slice(), x.dtype);
  let [stride, start] = [total * bytes, 0];
  beginMove();
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!;
    stride /= size;
    const turned = axes.includes(i);
    if (turned) start += (size - 1) * stride;
    moveAxis(size, turned ? -stride : stride, stride);
  }
  if (endMove(bytes)) return share(own, x, shape.slice());
  const out = own.output(shape.slice(), x.dtype);
  move(own, own.address(x) + start, own.address(out));
  return out;
}
