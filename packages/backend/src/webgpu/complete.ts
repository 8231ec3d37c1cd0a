import * as tf from '@tensorflow/tfjs-core';
import { registerFunctions } from './elementwise.ts';
import { bindEmptyTensors } from './empty.ts';
import { reportFailures } from './failures.ts';
import { mendWebGpuKernels } from './mended.ts';
import { mendPrograms } from './programs-mended.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

let registered = false;

/** Completes the current engine, which is WebGPU. Calling it again changes nothing. */
export function completeWebGpu(): void {
  const backend = tf.backend() as WebGpuBackend;
  reportFailures(backend);
  bindEmptyTensors(backend);
  mendPrograms(backend);
  if (registered) return;
  registered = true;
  registerFunctions();
  mendWebGpuKernels();
}
