import * as tf from '@tensorflow/tfjs-core';
import { type ImageNetwork, type SampleImagesOptions, sampleImages } from '../internal/image-sampler.ts';
import type { CompleteConfig } from './config.ts';
import { drawNoise, drawPixel, LEAST_SCALE } from './draw.ts';
import { checkCondition, checkLevels, flatCondition, leadOfImages, rescale } from './inputs.ts';
import { layersOf } from './layers.ts';
import { type HostKernel, programOf } from './program.ts';
import { outputsOf } from './tensors.ts';
import type { Kernels } from './weights.ts';

export interface PixelCnnPlusPlusSampleOptions extends Omit<SampleImagesOptions, 'count' | 'given'> {
  /** Of the draws, [] if omitted; ends in the leading axes of `conditional`, if it has any. */
  sampleShape?: readonly number[];
  /** What the images are conditioned on, [..., ...conditionalShape]. */
  conditional?: tf.Tensor;
  /** With the running averages of the weights in place of the weights. */
  averaged?: boolean;
  /** Images to complete, [..., H, W, C], whose leading axes `sampleShape` ends in: where `mask` is not 0 their levels stay. */
  given?: tf.Tensor;
}

/** Draws [...sampleShape, H, W, C] with what `kernels` returns: what the layers multiply with, normalised once. */
export async function drawImages(
  who: string,
  config: CompleteConfig,
  { sampleShape = [], conditional, given, averaged: _, ...options }: PixelCnnPlusPlusSampleOptions,
  kernels: () => Kernels,
): Promise<tf.Tensor> {
  if (!sampleShape.every((n) => Number.isSafeInteger(n) && n > 0)) {
    const got = `[${sampleShape.join(', ')}]`;
    throw new RangeError(`${who}: sampleShape must hold positive integers, got ${got}. Omit it for one image.`);
  }
  const leadOfCondition = checkCondition(who, config, conditional);
  checkEnd(who, 'conditional', leadOfCondition, sampleShape);
  if (given !== undefined) {
    checkEnd(who, 'given', leadOfImages(who, 'given', config, given), sampleShape);
    checkLevels(who, config, given);
  }
  const shape = [...sampleShape, ...config.imageShape];
  const count = sampleShape.reduce((product, n) => product * n, 1);
  const owned: tf.TensorContainer[] = [];
  const own = <T extends tf.TensorContainer>(make: () => T): T => {
    const made = tf.tidy(make);
    owned.push(made);
    return made;
  };
  try {
    const multipliers = own(() => copied(kernels())); // whoever trains meanwhile changes nothing
    const condition = conditional && own(() => flatCondition(conditional, leadOfCondition, sampleShape));
    const constants = condition && own(() => constantsOf(config, multipliers, condition, count));
    const levels =
      given &&
      own(() => tf.reshape(tf.broadcastTo(tf.round(tf.cast(given, 'float32')), shape), [count, ...config.imageShape]));
    const images = imageNetwork(who, config, multipliers, condition, constants);
    const drawn = await sampleImages(images, { ...options, count, ...(levels && { given: levels }) });
    owned.push(drawn);
    return tf.reshape(drawn, shape);
  } finally {
    tf.dispose(owned);
  }
}

function imageNetwork(
  name: string,
  config: CompleteConfig,
  kernels: Kernels,
  condition: tf.Tensor2D | undefined,
  constants: tf.Tensor2D | undefined,
): ImageNetwork {
  const { imageShape, low, high } = config;
  const kernelOf = (layer: { name: string }) => kernels[layer.name]!;
  return {
    ...{ name, imageShape, low, high, passes: 1, scaleFloor: LEAST_SCALE },
    ...{ inputScale: 2 / (high - low), inputShift: -(high + low) / (high - low) },
    noise: (count, seed) =>
      tf.tensor(drawNoise(config, count, seed), [count, imageShape[0], imageShape[1], 1 + imageShape[2]]),
    outputs: (levels) =>
      tf.tidy(() => outputsOf(config, { image: rescale(levels, config), conditional: condition, kernelOf })),
    draw: drawPixel(config),
    program: async () => programOf(config, await onHost(kernels)),
    ...(constants && { constants }),
  };
}

function copied(kernels: Kernels): Kernels {
  const named = Object.entries(kernels).map(([name, { kernel, bias }]) => {
    return [name, { kernel: tf.clone(kernel), bias: tf.clone(bias) }];
  });
  return Object.fromEntries(named);
}

async function onHost(kernels: Kernels): Promise<Record<string, HostKernel>> {
  const named = Object.entries(kernels).map(async ([name, { kernel, bias }]): Promise<[string, HostKernel]> => {
    return [name, { kernel: (await kernel.data()) as Float32Array, bias: (await bias.data()) as Float32Array }];
  });
  return Object.fromEntries(await Promise.all(named));
}

/** What the layers of the condition put out, side by side in the order of the program, [count, N]. */
function constantsOf(config: CompleteConfig, kernels: Kernels, condition: tf.Tensor2D, count: number): tf.Tensor2D {
  const outputs = layersOf(config)
    .filter(({ type }) => type === 'condition')
    .map(({ name }) => tf.add(tf.matMul(condition, kernels[name]!.kernel as tf.Tensor2D), kernels[name]!.bias));
  const constants = tf.concat(outputs, 1) as tf.Tensor2D;
  return condition.shape[0] === count ? constants : tf.tile(constants, [count, 1]);
}

function checkEnd(who: string, what: string, lead: readonly number[], sampleShape: readonly number[]): void {
  const rest = sampleShape.length - lead.length;
  if (rest >= 0 && lead.every((n, i) => n === sampleShape[rest + i])) return;
  throw new RangeError(
    `${who}: sampleShape must end in the leading axes of ${what}, [${lead.join(', ')}], got [${sampleShape.join(', ')}].`,
  );
}
