import * as tf from '@tensorflow/tfjs-core';
import { reportFailures } from './failures.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

/** Completes the current engine, which is WebGPU. Calling it again changes nothing. */
export function completeWebGpu(): void {
  reportFailures(tf.backend() as WebGpuBackend);
}
