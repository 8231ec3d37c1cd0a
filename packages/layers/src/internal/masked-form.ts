import type * as tf from '@tensorflow/tfjs-core';
import { type CausalMask, liveKernel } from './causal-mask.ts';
import type { MapForm, Run } from './linear-map.ts';
import { offsetConv2d } from './offset-conv.ts';

/** The convolution by the live box of a masked kernel (`liveKernel`). */
export const convolveLive = (
  x: tf.Tensor,
  live: tf.Tensor,
  bias: tf.Tensor | undefined,
  { kernelSize: [height, width] }: CausalMask,
): tf.Tensor4D => offsetConv2d(x, live, bias, { top: (height - 1) / 2, left: (width - 1) / 2 });

/** A masked convolution as a map of a layer: weight normalisation sees live taps alone. */
export function maskedForm(
  mask: CausalMask,
  channels: number,
  filters: number,
): Pick<MapForm, 'kernelShape' | 'run' | 'live'> {
  const run: Run = (x, live, bias) => convolveLive(x, live, bias, mask);
  return { kernelShape: [...mask.kernelSize, channels, filters], run, live: (kernel) => liveKernel(kernel, mask) };
}
