import * as tf from '@tensorflow/tfjs-core';
import { registerNativeActivations } from './fused-activation.ts';
import { registerNativeAdam } from './fused-adam.ts';
import { registerNativeConvolutionGradients } from './fused-conv.ts';
import { registerNativeCrossEntropy } from './fused-cross-entropy.ts';
import { registerHostKernels } from './fused-host.ts';
import type { NativeBackend } from './fused-native.ts';
import { registerNativeReshape } from './fused-reshape.ts';

/**
 * Puts faster kernels before tfjs-node's and the composed ones; tfjs-node runs and has those. Calling it again changes nothing.
 *
 * Products stay with tfjs-node's `BatchMatMulV2`: `MatMul` takes 25 microseconds less, but in TensorFlow 2.15 it writes beyond its memory
 * on processors with AVX-512.
 */
export async function registerNativeFused(): Promise<void> {
  registerNativeActivations();
  registerNativeConvolutionGradients();
  registerNativeReshape();
  registerNativeAdam();
  registerNativeCrossEntropy();
  const { isUsingGpuDevice } = tf.backend() as NativeBackend;
  if (!isUsingGpuDevice) await registerHostKernels(); // a card's numbers stay there
}
