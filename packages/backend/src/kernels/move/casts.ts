import type { CastAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../../wasm/own.ts';
import { elementBytes, share, sizeOf } from './strided.ts';

type X = { x: TensorInfo };

const CASTS: Record<string, string> = {
  'float32 int32': 'floatToInt',
  'float32 bool': 'floatToBool',
  'int32 float32': 'intToFloat',
  'int32 bool': 'intToBool',
  'bool float32': 'boolToFloat',
  'bool int32': 'boolToInt',
};

/** As the CPU engine: to int32 towards zero, to bool whatever is not 0. tfjs takes the lowest byte for bool. */
export function cast({ inputs: { x }, attrs: { dtype } }: KernelArgs<X, CastAttrs>, own: Own) {
  if (elementBytes(x.dtype) === 0 || elementBytes(dtype) === 0) return undefined;
  if (x.dtype === dtype) return share(own, x, x.shape.slice());
  const run = own.run[CASTS[`${x.dtype} ${dtype}`]!]!;
  const from = own.address(x);
  const out = own.output(x.shape.slice(), dtype);
  run(from, own.address(out), sizeOf(x.shape));
  return out;
}

/** tfjs copies. */
export function identity({ inputs: { x } }: KernelArgs<X, object>, own: Own) {
  return elementBytes(x.dtype) === 0 ? undefined : share(own, x, x.shape.slice());
}
