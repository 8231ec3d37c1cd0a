import * as tf from '@tensorflow/tfjs-core';
import { type KernelArgs, type Own, replaceKernel } from '../wasm/own.ts';
import { sizeOf } from './size.ts';

/** Kernels of one float32 tensor, by the name of the function in assembly/unary.ts. tfjs's Elu is right, and faster than ours. */
const UNARY: Record<string, string> = {
  [tf.Abs]: 'absMap',
  [tf.Ceil]: 'ceilMap',
  [tf.Erf]: 'erfMap',
  [tf.Exp]: 'expMap',
  [tf.Expm1]: 'expm1Map',
  [tf.Floor]: 'floorMap',
  [tf.Log]: 'logMap',
  [tf.Log1p]: 'log1pMap',
  [tf.Neg]: 'negMap',
  [tf.Reciprocal]: 'reciprocalMap',
  [tf.Relu]: 'reluMap',
  [tf.Round]: 'roundMap',
  [tf.Rsqrt]: 'rsqrtMap',
  [tf.Selu]: 'seluMap',
  [tf.Sigmoid]: 'sigmoidMap',
  [tf.Sign]: 'signMap',
  [tf.Softplus]: 'softplusMap',
  [tf.Sqrt]: 'sqrtMap',
  [tf.Square]: 'squareMap',
  [tf.Tanh]: 'tanhMap',
};

type Args<Attrs = object> = KernelArgs<{ x: tf.TensorInfo }, Attrs>;

function map(own: Own, name: string, x: tf.TensorInfo, p = 0, q = 0): tf.TensorInfo | undefined {
  if (x.dtype !== 'float32') return undefined;
  const out = own.output(x.shape);
  own.run[name]!(own.address(x), own.address(out), 0, sizeOf(x.shape), p, q);
  return out;
}

export function registerUnary(): void {
  for (const [kernelName, name] of Object.entries(UNARY)) {
    replaceKernel(kernelName, ({ inputs }: Args, own) => map(own, name, inputs.x));
  }
  replaceKernel(tf.Relu6, ({ inputs }: Args, own) => map(own, 'clipMap', inputs.x, 0, 6));
  replaceKernel(tf.ClipByValue, ({ inputs, attrs }: Args<tf.ClipByValueAttrs>, own) =>
    map(own, 'clipMap', inputs.x, attrs.clipValueMin, attrs.clipValueMax),
  );
  replaceKernel(tf.LeakyRelu, ({ inputs, attrs }: Args<tf.LeakyReluAttrs>, own) =>
    map(own, 'leakyReluMap', inputs.x, attrs.alpha),
  );
  replaceKernel(tf.Step, ({ inputs, attrs }: Args<tf.StepAttrs>, own) => map(own, 'stepMap', inputs.x, attrs.alpha));
  // Squares are what most powers are; tfjs's Pow takes 30 times as long.
  replaceKernel(tf.Pow, ({ inputs: { a, b } }: KernelArgs<{ a: tf.TensorInfo; b: tf.TensorInfo }>, own) => {
    if (b.dtype !== 'float32' || sizeOf(b.shape) !== 1 || b.shape.length > a.shape.length) return undefined;
    const exponent = (own.backend.readSync(b.dataId) as Float32Array)[0];
    return exponent === 2 ? map(own, 'squareMap', a) : exponent === -1 ? map(own, 'reciprocalMap', a) : undefined;
  });
}
