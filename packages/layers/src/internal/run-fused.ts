import * as tf from '@tensorflow/tfjs-core';
import type { FusedKernelName, FusedKernels } from '../fused-kernels.ts';

export const hasFused = (name: FusedKernelName): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;

/** Outputs of a fused kernel, or undefined where the engine has none. */
export function runFused<N extends FusedKernelName>(
  name: N,
  inputs: FusedKernels[N]['inputs'],
  attrs: FusedKernels[N]['attrs'],
): FusedKernels[N]['outputs'] | undefined {
  if (!hasFused(name)) return undefined;
  const present = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined);
  const outputs = tf
    .engine()
    .runKernel(name, Object.fromEntries(present) as tf.NamedTensorMap, attrs as unknown as tf.NamedAttrMap);
  return [outputs].flat() as unknown as FusedKernels[N]['outputs'];
}
