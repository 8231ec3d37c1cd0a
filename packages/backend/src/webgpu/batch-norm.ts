import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernels/mended.ts';
import { program } from './program.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

/** (x - mean) * scale / sqrt(variance + epsilon) + offset. tfjs's engine multiplies x and mean out, and their digits are lost. */
export function batchNorm(args: Kernel): tf.TensorInfo {
  const { x, mean, variance, scale, offset } = args.inputs as Record<string, tf.TensorInfo | null>;
  const { varianceEpsilon } = args.attrs as { varianceEpsilon: number };
  const named = { x, mean, variance, scale, offset };
  const given = Object.entries(named).filter(([, tensor]) => tensor != null) as [string, tf.TensorInfo][];
  const gain = scale == null ? '1.0' : 'getScaleByOutputIndex(index)';
  const shift = offset == null ? '0.0' : 'getOffsetByOutputIndex(index)';
  const names = given.map(([name]) => name);
  const shader = program('ProjBatchNorm', x!.shape, names, {
    uniforms: 'epsilon : f32,',
    main: `
      let inverse = ${gain} / sqrt(getVarianceByOutputIndex(index) + uniforms.epsilon);
      let distance = getXByOutputIndex(index) - getMeanByOutputIndex(index);
      setOutputAtIndex(index, fma(distance, inverse, ${shift}));`,
  });
  const tensors = given.map(([, tensor]) => tensor);
  const uniforms = [{ type: 'float32' as const, data: [varianceEpsilon] }];
  return (args.backend as WebGpuBackend).runWebGPUProgram(shader, tensors, 'float32', uniforms);
}
