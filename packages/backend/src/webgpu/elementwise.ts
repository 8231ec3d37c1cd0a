import * as tf from '@tensorflow/tfjs-core';
import { FUNCTIONS } from './functions.ts';
import { program } from './program.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

/** Replaces tfjs's kernels of functions of one number, which are as exact and as safe of NaN as the driver likes. */
export function registerFunctions(): void {
  for (const [kernelName, [declarations, body]] of Object.entries(FUNCTIONS)) {
    tf.unregisterKernel(kernelName, 'webgpu');
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, backend }) => {
        const { x } = inputs as { x: tf.TensorInfo };
        const shader = program(`Proj${kernelName}`, x.shape, ['A'], {
          declarations: `${declarations} fn unary(a : f32) -> f32 { ${body} }`,
          main: 'setOutputAtIndex(index, unary(getAByOutputIndex(index)));',
        });
        return (backend as WebGpuBackend).runWebGPUProgram(shader, [x], x.dtype);
      },
    });
  }
}
