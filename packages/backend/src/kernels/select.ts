import * as tf from '@tensorflow/tfjs-core';
import { type KernelArgs, type Own, replaceKernel } from '../wasm/own.ts';
import { sameShape, sizeOf } from './size.ts';

/** Functions of assembly/select.ts that convert, by types. */
const CASTS: Record<string, string> = {
  'bool float32': 'boolsToFloats',
  'bool int32': 'boolsToInts',
  'float32 bool': 'floatsToBools',
  'float32 int32': 'floatsToInts',
  'int32 bool': 'intsToBools',
  'int32 float32': 'intsToFloats',
};

/** A second name for a tensor's memory, which goes when both are disposed. */
function share(own: Own, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  own.backend.incRef(dataId);
  return { dataId, shape, dtype };
}

export function registerSelect(): void {
  replaceKernel(tf.Select, ({ inputs }: KernelArgs<Record<'condition' | 't' | 'e', tf.TensorInfo>>, own) => {
    const { condition, t, e } = inputs;
    if (condition.dtype !== 'bool' || t.dtype !== e.dtype || (t.dtype !== 'float32' && t.dtype !== 'int32'))
      return undefined;
    if (!sameShape(condition.shape, t.shape) || !sameShape(t.shape, e.shape)) return undefined;
    const out = own.output(t.shape, t.dtype);
    const [yes, no] = [own.address(t), own.address(e)];
    own.run.select!(own.address(condition), yes, no, own.address(out), 0, sizeOf(t.shape));
    return out;
  });
  replaceKernel(tf.LogicalNot, ({ inputs: { x } }: KernelArgs<{ x: tf.TensorInfo }>, own) => {
    if (x.dtype !== 'bool') return undefined;
    const out = own.output(x.shape, 'bool');
    own.run.logicalNot!(own.address(x), own.address(out), 0, sizeOf(x.shape));
    return out;
  });
  replaceKernel(tf.Identity, ({ inputs: { x } }: KernelArgs<{ x: tf.TensorInfo }>, own) =>
    x.dtype === 'string' ? undefined : share(own, x),
  );
  // Where the types are one, tfjs copies; from float to bool it makes 0.5 false and 256 too.
  replaceKernel(tf.Cast, ({ inputs: { x }, attrs }: KernelArgs<{ x: tf.TensorInfo }, tf.CastAttrs>, own) => {
    if (x.dtype === attrs.dtype) return x.dtype === 'string' ? undefined : share(own, x);
    const name = CASTS[`${x.dtype} ${attrs.dtype}`];
    if (name === undefined) return undefined;
    const out = own.output(x.shape, attrs.dtype);
    own.run[name]!(own.address(x), own.address(out), 0, sizeOf(x.shape));
    return out;
  });
}
