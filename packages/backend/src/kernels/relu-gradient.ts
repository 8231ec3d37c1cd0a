import type * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../wasm/own.ts';
import { sizeOf } from './size.ts';

/** Our own kernel `ProjReluGradient`: dy where x > 0, of x's shape, in one pass over both. See assembly/relu-gradient.ts. */
export function reluGradient(
  { inputs: { dy, x } }: KernelArgs<{ dy: tf.TensorInfo; x: tf.TensorInfo }>,
  own: Own,
): tf.TensorInfo {
  const dx = own.output(x.shape);
  own.run.reluGradient!(own.address(dy), own.address(x), own.address(dx), 0, sizeOf(x.shape));
  return dx;
}
