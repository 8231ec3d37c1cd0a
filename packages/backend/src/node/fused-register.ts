import * as tf from '@tensorflow/tfjs-core';
import { registerNativeActivations } from './fused-activation.ts';
import { registerNativeAdam } from './fused-adam.ts';
import { registerNativeConvolutionGradients } from './fused-conv.ts';
import { registerNativeCrossEntropy } from './fused-cross-entropy.ts';
import { registerHostKernels } from './fused-host.ts';
import { registerNativeMatMul } from './fused-mat-mul.ts';
import type { NativeBackend } from './fused-native.ts';
import { registerNativeReshape } from './fused-reshape.ts';

/** Puts faster kernels before tfjs-node's and the composed ones; tfjs-node runs and has those. Calling it again changes nothing. */
export async function registerNativeFused(): Promise<void> {
  registerNativeActivations();
  registerNativeConvolutionGradients();
  registerNativeMatMul();
  registerNativeReshape();
  registerNativeAdam();
  registerNativeCrossEntropy();
  const { isUsingGpuDevice } = tf.backend() as NativeBackend;
  if (!isUsingGpuDevice) await registerHostKernels(); // a card's numbers stay there
}
