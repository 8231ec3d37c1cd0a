import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../src/index.ts';

/** Why WebGPU does not run here, or null where it does and is the engine from then on. */
export const noWebGpu: string | null = await useEngine('webgpu').then(
  () => {
    tf.env().set('WEBGPU_CPU_FORWARD', false); // else tfjs works on small tensors without the device
    return null;
  },
  (error: Error) => error.message,
);

/** Ends the name of tests that need WebGPU. */
export const skipped = noWebGpu === null ? '' : ` (skipped: ${noWebGpu})`;
