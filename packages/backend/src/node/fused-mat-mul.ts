import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernels/mended.ts';
import { bool, float, inFront, type NativeBackend } from './fused-native.ts';

/** Products of two matrices go to `MatMul`: tfjs-node's `BatchMatMulV2` takes 25 microseconds more, whatever their sizes. */
export function registerNativeMatMul(): void {
  inFront(tf.BatchMatMul, matMul);
}

function matMul(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { a, b } = args.inputs as Record<'a' | 'b', tf.TensorInfo>;
  const plain = a.shape.length === 2 && b.shape.length === 2 && a.dtype === 'float32' && b.dtype === 'float32';
  if (!plain) return original(args);
  const { transposeA, transposeB } = args.attrs as { transposeA: boolean; transposeB: boolean };
  const backend = args.backend as NativeBackend;
  const attrs = [
    float(backend, 'T'),
    bool(backend, 'transpose_a', transposeA),
    bool(backend, 'transpose_b', transposeB),
  ];
  return backend.executeSingleOutput('MatMul', attrs, [a, b]);
}
