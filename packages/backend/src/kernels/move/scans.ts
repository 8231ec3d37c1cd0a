import type { ArgMaxAttrs, CumprodAttrs, CumsumAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../../wasm/own.ts';
import { elementBytes, sizeOf } from './strided.ts';

type X = { x: TensorInfo };

function scan(own: Own, x: TensorInfo, attrs: CumsumAttrs, name: 'cumsumFloat' | 'cumsumInt' | 'cumprodFloat') {
  const { shape } = x;
  if (shape.length === 0) return undefined;
  const axis = util.parseAxisParam(attrs.axis, shape)[0]!;
  const from = own.address(x);
  const out = own.output(shape.slice(), x.dtype);
  if (sizeOf(shape) === 0) return out;
  const [outer, inner] = [sizeOf(shape, 0, axis), sizeOf(shape, axis + 1)];
  own.run[name]!(from, own.address(out), outer, shape[axis]!, inner, attrs.exclusive ? 1 : 0, attrs.reverse ? 1 : 0);
  return out;
}

export function cumsum({ inputs: { x }, attrs }: KernelArgs<X, CumsumAttrs>, own: Own) {
  if (elementBytes(x.dtype) !== 4) return undefined;
  return scan(own, x, attrs, x.dtype === 'float32' ? 'cumsumFloat' : 'cumsumInt');
}

/** Products of integers stay with tfjs: they leave what int32 and float32 hold too soon to say what is right. */
export function cumprod({ inputs: { x }, attrs }: KernelArgs<X, CumprodAttrs>, own: Own) {
  return x.dtype === 'float32' ? scan(own, x, attrs, 'cumprodFloat') : undefined;
}

const argExtreme =
  (kind: 'argMax' | 'argMin') =>
  ({ inputs: { x }, attrs }: KernelArgs<X, ArgMaxAttrs>, own: Own) => {
    const { shape } = x;
    if (elementBytes(x.dtype) !== 4 || shape.length === 0) return undefined;
    const axis = util.parseAxisParam(attrs.axis, shape)[0]!;
    const outer = sizeOf(shape, 0, axis);
    const outShape = shape.slice();
    const size = outShape.splice(axis, 1)[0]!;
    if (size === 0) return undefined;
    const from = own.address(x);
    const out = own.output(outShape, 'int32');
    const run = own.run[x.dtype === 'float32' ? `${kind}Float` : `${kind}Int`]!;
    run(from, own.address(out), outer, size, sizeOf(shape, axis + 1));
    return out;
  };

export const argMax = argExtreme('argMax');
export const argMin = argExtreme('argMin');
