import * as tf from '@tensorflow/tfjs-core';
import type { Program } from './tfjs-backend.ts';

const WORKGROUP = 128;

/**
 * A shader that works on each number of its result by itself: `main` is WGSL, in it `index`. Inputs are arrays of the names
 * given, the output is `result`; tfjs's helpers (getXByOutputIndex, setOutputAtIndex) are there. `key` names the code.
 */
export function program(
  key: string,
  shape: number[],
  inputs: readonly string[],
  { main, declarations = '', uniforms = '' }: { main: string; declarations?: string; uniforms?: string },
): Program {
  return {
    variableNames: inputs,
    outputShape: shape,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: shape.map((_, axis) => axis) },
    dispatch: [Math.ceil(tf.util.sizeFromShape(shape) / WORKGROUP), 1, 1],
    shaderKey: key,
    size: true,
    uniforms,
    getUserCode: () => `${declarations}
      fn main(index : i32) {
        if (index < uniforms.size) { ${main} }
      }`,
  };
}
