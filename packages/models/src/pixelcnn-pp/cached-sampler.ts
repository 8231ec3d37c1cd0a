import * as tf from '@tensorflow/tfjs-core';
import type { CompleteConfig } from './config.ts';
import { LEAST_SCALE } from './draw.ts';
import { type HostKernel, type Program, programOf } from './program.ts';
import type { SampleRun } from './sample-run.ts';
import type { Kernels } from './weights.ts';

/** Kernel of `@proj/backend`: see FusedKernels of @proj/layers. */
const FUSED = 'ProjCausalSampler';

/** Whether the engine has it. */
export const hasCachedSampler = (): boolean => tf.getKernel(FUSED, tf.getBackend()) !== undefined;

/**
 * Fills the open pixels of a run row by row: of every layer one new column a pixel, from the columns kept, so that the work does not
 * grow with what is already there. Source: Ramachandran et al. 2017, arXiv:1704.06001.
 */
export async function sampleCached(config: CompleteConfig, run: SampleRun, kernels: Kernels): Promise<void> {
  const [height, width, channels] = config.imageShape;
  const { low, high } = config;
  const { count, levels, open, noise, temperature } = run;
  const program = programOf(config, await onHost(kernels));
  const fixed = tf.tidy(() => ({
    program: tf.tensor1d(program.words, 'int32'),
    weights: tf.tensor1d(program.weights),
    noise: tf.tensor4d(noise, [count, height, width, 1 + channels]),
    known: tf.tensor4d(knownPixels(open, run), [count, height, width, channels]),
    ...constantsOf(program, run, kernels),
  }));
  const attrs = {
    temperature,
    ...{ inputScale: 2 / (high - low), inputShift: -(high + low) / (high - low) },
    ...{ low, high, scaleFloor: LEAST_SCALE },
  };
  let image: tf.Tensor = tf.tensor4d(levels, [count, height, width, channels]);
  let state: tf.Tensor = tf.zeros([count, program.stateSize]);
  try {
    for (let y = 0; y < height; y++) {
      const [nextImage, nextState] = tf
        .engine()
        .runKernel<tf.Tensor[]>(
          FUSED,
          { ...fixed, image, state },
          { ...attrs, from: y * width, to: (y + 1) * width },
        ) as [tf.Tensor, tf.Tensor];
      tf.dispose([image, state]);
      [image, state] = [nextImage, nextState];
      await run.afterRow(y + 1);
    }
    levels.set(await image.data());
  } finally {
    tf.dispose([image, state, fixed]);
  }
}

async function onHost(kernels: Kernels): Promise<Record<string, HostKernel>> {
  const host: Record<string, HostKernel> = {};
  for (const [name, { kernel, bias }] of Object.entries(kernels)) {
    host[name] = { kernel: (await kernel.data()) as Float32Array, bias: (await bias.data()) as Float32Array };
  }
  return host;
}

/** 1 for each number of a pixel that is not open, [count, H, W, C]. */
function knownPixels(open: Uint8Array, { count, levels }: SampleRun): Float32Array {
  const channels = levels.length / count / open.length;
  return levels.map((_, i) => 1 - open[Math.floor(i / channels) % open.length]!);
}

/** What the layers of the condition put out, side by side, [count, N]; nothing without a condition. */
function constantsOf(
  { conditions }: Program,
  { conditional, count }: SampleRun,
  kernels: Kernels,
): Record<string, tf.Tensor> {
  if (conditional === undefined) return {};
  const outputs = conditions.map(({ name }) => {
    const { kernel, bias } = kernels[name]!;
    return tf.add(tf.matMul(conditional, kernel as tf.Tensor2D), bias);
  });
  const constants = tf.concat(outputs, 1) as tf.Tensor2D; // [count, N] or [1, N]
  return { constants: conditional.shape[0] === count ? constants : tf.tile(constants, [count, 1]) };
}
