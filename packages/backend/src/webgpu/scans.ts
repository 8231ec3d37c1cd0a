import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernels/mended.ts';
import { program } from './program.ts';
import type { Program, WebGpuBackend } from './tfjs-backend.ts';

interface Attrs {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

/**
 * cumsum and cumprod along any axis, by doubling: log2(length) passes. tfjs's engine keeps a compiled shader in which the length
 * of an earlier, other tensor stands, and sums backwards over that; it takes powers of 2 from an inexact `pow`.
 */
export function cumulate(operator: '+' | '*'): tf.KernelFunc {
  return ((args: Kernel) => {
    const { x } = args.inputs as { x: tf.TensorInfo };
    const { axis, exclusive, reverse } = args.attrs as unknown as Attrs;
    const backend = args.backend as WebGpuBackend;
    const [at] = tf.util.parseAxisParam(axis, x.shape) as [number];
    const dtype = tf.upcastType(x.dtype, 'int32');
    const length = x.shape[at] ?? 1;
    const inner = tf.util.sizeFromShape(x.shape.slice(at + 1));
    const pass = (input: tf.TensorInfo, step: number, shift: boolean) => {
      const shader = scan(x.shape, operator, reverse, shift, dtype);
      const uniforms = [length, inner, step].map((n) => ({ type: 'int32' as const, data: [n] }));
      const result = backend.runWebGPUProgram(shader, [input], dtype, uniforms);
      if (input !== x) backend.disposeData(input.dataId);
      return result;
    };
    let result = pass(x, exclusive ? 1 : length, exclusive); // a step of the whole length copies
    for (let step = 1; step < length; step *= 2) result = pass(result, step, false);
    return result;
  }) as tf.KernelFunc;
}

/** Each number with the one `step` before it (behind it if reversed); shifted, that one alone. */
function scan(shape: number[], operator: '+' | '*', reverse: boolean, shift: boolean, dtype: tf.DataType): Program {
  const type = dtype === 'float32' ? 'f32' : 'i32';
  const [there, at] = reverse ? ['j + step < uniforms.length', '+'] : ['j >= step', '-'];
  const own = shift ? `${type}(${operator === '+' ? 0 : 1})` : `${type}(x[index])`;
  return program(`ProjScan${operator}${reverse}${shift}`, shape, ['x'], {
    uniforms: 'length : i32, inner : i32, step : i32,',
    main: `
      let step = uniforms.step;
      let j = index / uniforms.inner % uniforms.length;
      var value = ${own};
      if (${there}) { value = value ${operator} ${type}(x[index ${at} step * uniforms.inner]); }
      result[index] = value;`,
  });
}
