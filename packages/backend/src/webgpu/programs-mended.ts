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
    if (program.shaderKey.startsWith('transpose_') && inputs[0]!.dtype !== 'float32') edit(program, ...INTEGERS);
    if (program.shaderKey.startsWith('pool2D')) edit(program, ...FIRST_MAXIMUM);
    return runWebGPUProgram.call(backend, program, inputs, dtype, uniforms, output);
  };
}

/** Coordinates and shapes of five and six axes are structures, which have letters and no indices; vectors have both. */
function manyAxes(code: string): string {
  if (!/struct Uniforms \{[^}]*\bvec[56]\b/.test(code)) return code;
  const indexed = /\b(\w*[cC]oords|uniforms\.\w*[sS]hape(?:Strides)?)\[([0-5])\]/g;
  return code.replace(indexed, (_, name: string, axis: string) => `${name}.${'xyzwuv'[Number(axis)]}`);
}

/** A transpose hands an i32 to the function that writes floats, and does not compile. Sums of integers use it too. */
const INTEGERS = [/setOutputAtIndex\(/, 'setOutputAtIndexI32('] as const;

/** Of equal maxima of a window the last was the place of the maximum; cpu and wasm take the first (in three dimensions the last). */
const FIRST_MAXIMUM = [
  /let currMaxValue = mix\(value, maxValue, maxValueFound\);\s*if \(value >= currMaxValue\)/,
  'if (maxValueFound == 0.0 || value > maxValue)',
] as const;

function edit(program: Program, from: RegExp, to: string): void {
  const { getUserCode } = program;
  program.getUserCode = () => getUserCode.call(program).replace(from, to); // asked for where the shader is new
}
