import * as tf from '@tensorflow/tfjs-core';
import { FUNCTIONS } from './functions.ts';
import type { Program, WebGpuBackend } from './tfjs-backend.ts';

const WORKGROUP = 128;

/** Replaces tfjs's kernels of functions of one number, which are as exact and as safe of NaN as the driver likes. */
export function registerFunctions(): void {
  for (const [kernelName, [declarations, body]] of Object.entries(FUNCTIONS)) {
    tf.unregisterKernel(kernelName, 'webgpu');
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, backend }) => {
        const { x } = inputs as { x: tf.TensorInfo };
        const program = elementwise(x.shape, `Proj${kernelName}`, declarations, body);
        return (backend as WebGpuBackend).runWebGPUProgram(program, [x], x.dtype);
      },
    });
  }
}

function elementwise(shape: number[], shaderKey: string, declarations: string, body: string): Program {
  return {
    variableNames: ['A'],
    outputShape: shape,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: shape.map((_, axis) => axis) },
    dispatch: [Math.ceil(tf.util.sizeFromShape(shape) / WORKGROUP), 1, 1],
    shaderKey,
    size: true,
    getUserCode: () => `${declarations}
      fn unary(a : f32) -> f32 { ${body} }
      fn main(index : i32) {
        if (index < uniforms.size) { setOutputAtIndex(index, unary(getAByOutputIndex(index))); }
      }`,
  };
}
