import type { Program, WebGpuBackend } from './tfjs-backend.ts';

const mended = new WeakSet<object>();

/** What tfjs's shaders get wrong in general, put right where they are handed over. */
export function mendPrograms(backend: WebGpuBackend): void {
  if (mended.has(backend)) return;
  mended.add(backend);
  const { runWebGPUProgram, device } = backend;
  const { createShaderModule } = device;
  device.createShaderModule = (descriptor) =>
    createShaderModule.call(device, { ...descriptor, code: manyAxes(descriptor.code) });
  backend.runWebGPUProgram = (program, inputs, dtype, uniforms, output) => {
    if (output !== undefined && program.dispatch.includes(0)) return output; // a scatter of nothing: Dawn prints a warning
    const isTranspose = program.shaderKey.startsWith('transpose_') && inputs[0]!.dtype !== 'float32';
    const shader = isTranspose ? transposeOfIntegers(program) : program;
    return runWebGPUProgram.call(backend, shader, inputs, dtype, uniforms, output);
  };
}

/** Coordinates and shapes of five and six axes are structures, which have letters and no indices; vectors have both. */
function manyAxes(code: string): string {
  if (!/struct Uniforms \{[^}]*\bvec[56]\b/.test(code)) return code;
  const indexed = /\b(\w*[cC]oords|uniforms\.\w*[sS]hape(?:Strides)?)\[([0-5])\]/g;
  return code.replace(indexed, (_, name: string, axis: string) => `${name}.${'xyzwuv'[Number(axis)]}`);
}

/** The shader hands an i32 to the function that writes floats, and does not compile. Sums of integers use it too. */
function transposeOfIntegers(program: Program): Program {
  const code = program.getUserCode().replace('setOutputAtIndex(', 'setOutputAtIndexI32(');
  program.getUserCode = () => code;
  return program;
}
