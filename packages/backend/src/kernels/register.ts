import * as tf from '@tensorflow/tfjs-core';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { fastConv2dBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-backprop.ts';
import { fastFusedMatMul, fastMatMul } from './mat-mul.ts';
import { registerRightNumbers } from './right-numbers.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';

/** Gradient kernels that tfjs's WASM engine lacks. */
const MISSING: Record<string, unknown> = {
  [tf.Conv2DBackpropFilter]: conv2dBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseBackpropInput,
  [tf.UnsortedSegmentSum]: unsortedSegmentSum,
};

/** Kernels that it has and that train slowly: each gets the original and gives its replacement. */
const FASTER: Record<string, (original: tf.KernelFunc) => tf.KernelFunc> = {
  [tf.BatchMatMul]: fastMatMul,
  [tf._FusedMatMul]: (original) => fastFusedMatMul(original, tf.getKernel(tf.BatchMatMul, 'wasm').kernelFunc), // after it
  [tf.Conv2DBackpropInput]: fastConv2dBackpropInput,
};

const ours = new WeakSet<tf.KernelFunc>();

/** Registers this package's WASM kernels; the engine's package must be loaded. Calling it again changes nothing. */
export function registerWasmKernels(): void {
  registerRightNumbers();
  for (const [kernelName, kernelFunc] of Object.entries(MISSING)) {
    if (tf.getKernel(kernelName, 'wasm') !== undefined) continue;
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as tf.KernelFunc });
  }
  for (const [kernelName, replace] of Object.entries(FASTER)) {
    const original = tf.getKernel(kernelName, 'wasm');
    if (original === undefined || ours.has(original.kernelFunc)) continue;
    const kernelFunc = replace(original.kernelFunc);
    ours.add(kernelFunc);
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ ...original, kernelFunc });
  }
}
