import { MixtureOfLogistics } from '@proj/distributions';
import { dataDependentInit, weightNorm } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { checkSeed } from '../internal/check.ts';
import type { LayerSummary } from '../internal/weights.ts';
import { type CompleteConfig, complete, type PixelCnnPlusPlusConfig } from './config.ts';
import { LEAST_SCALE } from './draw.ts';
import { type Inputs, inputsOf } from './inputs.ts';
import { countParams, filterAxis, isNormed, layersOf } from './layers.ts';
import { headSizes, network, type PixelLayer } from './network.ts';
import { drawImages, type PixelCnnPlusPlusSampleOptions } from './sampling.ts';
import { outputsOf, Tensors } from './tensors.ts';
import { copies, createWeights, type Kernels, kernelsOf } from './weights.ts';

export interface PixelCnnPlusPlusOptions {
  /** What the images are conditioned on, [..., ...conditionalShape]; its leading axes broadcast against those of the images. */
  conditional?: tf.Tensor;
  /** With the running averages of the weights in place of the weights. */
  averaged?: boolean;
}

export interface PixelCnnPlusPlusLogProbOptions extends PixelCnnPlusPlusOptions {
  /** With dropout, drawn from `seed`. */
  training?: boolean;
  /** Needed in training alone. */
  seed?: number;
}

/** Of the distribution of every pixel under those before it; `...` are the leading axes of the images. */
export interface PixelCnnPlusPlusParameters {
  /** [..., H, W, K] */
  logits: tf.Tensor;
  /** [..., H, W, K, C], on [-1, 1]; a channel's moves with the channels before it by `coefficients`. */
  loc: tf.Tensor;
  /** [..., H, W, K, C], positive, on [-1, 1]. */
  scale: tf.Tensor;
  /** [..., H, W, K, C (C - 1) / 2] */
  coefficients: tf.Tensor;
}

const WHO = 'PixelCnnPlusPlus';
const AVERAGE = 'average/';

/**
 * PixelCNN++: a distribution over images [H, W, C] of integers from `low` to `high`, one pixel after the other.
 *
 *   log p(x) = sum over pixels of log p(pixel | pixels before it), each a MixtureOfLogistics
 *
 * A distribution to ask (`logProb`, `sample`) and a model to train (`loss`, `weights`); autoregressive from its first weights
 * on. Source: Salimans et al. 2017, arXiv:1701.05517, in the form of TensorFlow Probability's `PixelCNN`. Other than there,
 * kernels are shifted in place of masked, so that live taps alone are stored; images are rounded before the network sees
 * them; and a channel is rounded before the next is drawn, so that samples follow `logProb`.
 *
 * `averageDecay` keeps running averages of the weights (Polyak): call `updateAverages` after every step, and ask with
 * `averaged: true`. They are among `weights`, not trainable, and so in every checkpoint.
 *
 * Values are read from the device to be checked.
 */
export class PixelCnnPlusPlus {
  readonly config: CompleteConfig;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  readonly eventShape: readonly [height: number, width: number, channels: number];
  readonly batchShape: readonly [] = [];
  private readonly layers: readonly PixelLayer[];
  private readonly own: Readonly<Record<string, tf.Variable>>;
  private readonly averages: Readonly<Record<string, tf.Variable>>;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: PixelCnnPlusPlusConfig = {}) {
    this.config = complete(config);
    this.eventShape = this.config.imageShape;
    this.layers = layersOf(this.config);
    this.own = createWeights(this.layers, this.config);
    this.averages = this.config.averageDecay > 0 ? copies(this.own) : {};
    const named = Object.entries(this.averages).map(([name, average]) => [AVERAGE + name, average]);
    this.weights = { ...this.own, ...Object.fromEntries(named) };
  }

  /**
   * Fits gains and biases to a batch, so that every layer puts out mean 0 and variance 1 for it. To be called before training;
   * does nothing unless `useWeightNorm` and `useDataInit`. Source: Salimans & Kingma 2016, arXiv:1602.07868, section 3.
   */
  initialize(value: tf.Tensor, { conditional }: Pick<PixelCnnPlusPlusOptions, 'conditional'> = {}): void {
    const { config } = this;
    if (!config.useWeightNorm || !config.useDataInit) return;
    tf.tidy(() => {
      const weight = (layer: PixelLayer, part: string) => this.own[`${layer.name}/${part}`]!;
      const { rescaled: image, conditional: condition } = inputsOf(`${WHO}.initialize`, config, value, conditional);
      const tensors = new Tensors(config, {
        image,
        conditional: condition,
        kernelOf: (layer, apply) => {
          if (!isNormed(layer, config)) return { kernel: weight(layer, 'kernel'), bias: weight(layer, 'bias') };
          const axis = filterAxis(layer);
          const kernel = (gain: tf.Tensor) => weightNorm<tf.Tensor>(weight(layer, 'kernel'), gain, { axis });
          const plain = apply({ kernel: kernel(tf.ones([layer.filters])), bias: tf.zeros([layer.filters]) });
          const { gain, bias } = dataDependentInit(plain);
          weight(layer, 'gain').assign(gain);
          weight(layer, 'bias').assign(bias);
          return { kernel: kernel(gain), bias };
        },
      });
      network(config, tensors);
      for (const [name, average] of Object.entries(this.averages)) average.assign(tf.clone(this.own[name]!));
    });
  }

  /**
   * log p of each image in nats, summed over its pixels: [..., H, W, C] -> [...], the leading axes broadcast with those of
   * `conditional`. Without `training` no dropout, and the same numbers at every call.
   *
   * @throws RangeError if shapes do not fit, or a value is no integer from `low` to `high` (up to 1e-3, for images that were scaled).
   */
  logProb(
    value: tf.Tensor,
    { conditional, averaged, training = false, seed }: PixelCnnPlusPlusLogProbOptions = {},
  ): tf.Tensor {
    const dropoutSeed = training ? this.trainingSeed(seed) : undefined;
    return tf.tidy(() => {
      const inputs = inputsOf(`${WHO}.logProb`, this.config, value, conditional);
      const { logits, loc, scale, coefficients } = this.parametersOf(inputs, averaged, dropoutSeed);
      const { low, high } = this.config;
      const pixels = new MixtureOfLogistics(logits, loc, scale, { coefficients, low, high });
      return tf.reshape(pixels.logProb(inputs.images), inputs.lead);
    });
  }

  /** Mean of -log p over the images of a batch, with dropout, in nats per image: the scalar to minimise. */
  loss(value: tf.Tensor, seed: number, { conditional }: Pick<PixelCnnPlusPlusOptions, 'conditional'> = {}): tf.Scalar {
    const options = { training: true, seed, ...(conditional && { conditional }) };
    return tf.tidy(() => tf.neg(tf.mean<tf.Scalar>(this.logProb(value, options))));
  }

  /** -log2 p divided by the H W C numbers of an image: [..., H, W, C] -> [...]. */
  bitsPerDim(value: tf.Tensor, options: PixelCnnPlusPlusOptions = {}): tf.Tensor {
    const [height, width, channels] = this.eventShape;
    return tf.tidy(() => tf.div(this.logProb(value, options), -Math.LN2 * height * width * channels));
  }

  /** Parameters of the mixtures that the network gives for the pixels of images [..., H, W, C], without dropout. */
  parameters(value: tf.Tensor, { conditional, averaged }: PixelCnnPlusPlusOptions = {}): PixelCnnPlusPlusParameters {
    return tf.tidy(() => {
      const inputs = inputsOf(`${WHO}.parameters`, this.config, value, conditional);
      const { logits, loc, scale, coefficients } = this.parametersOf(inputs, averaged);
      const shaped = (t: tf.Tensor) => tf.reshape(t, [...inputs.lead, ...t.shape.slice(1)]);
      return {
        logits: shaped(logits),
        loc: shaped(loc),
        scale: shaped(scale),
        coefficients: shaped(coefficients),
      };
    });
  }

  /**
   * Draws [...sampleShape, H, W, C], integers from `low` to `high`, pixel after pixel: same seed, same images; see
   * `SampleImagesOptions`. A `temperature` divides the logits of the components and multiplies the noise of the levels.
   *
   * @throws RangeError if options do not fit; with what `signal` is aborted with.
   */
  async sample(options: PixelCnnPlusPlusSampleOptions): Promise<tf.Tensor> {
    return drawImages(`${WHO}.sample`, this.config, options, () => this.kernels(options.averaged));
  }

  /**
   * Takes the weights after step number `steps`, counted from 1, into their running averages. Early on the averages are shorter:
   * decay is min(averageDecay, (1 + steps) / (10 + steps)), as in TensorFlow's ExponentialMovingAverage.
   */
  updateAverages(steps: number): void {
    const decay = Math.min(this.config.averageDecay, (1 + steps) / (10 + steps));
    for (const [name, average] of Object.entries(this.averages)) {
      tf.tidy(() => average.assign(tf.add(tf.mul(average, decay), tf.mul(this.own[name]!, 1 - decay))));
    }
  }

  /** Trainable numbers, all of live taps. */
  countParams(): number {
    return this.layers.reduce((sum, layer) => sum + countParams(layer, this.config), 0);
  }

  /** What a network of masked kernels stores for the same function, dead taps included. */
  fullKernelParams(): number {
    return this.layers.reduce((sum, layer) => sum + countParams(layer, this.config, layer.fullTaps), 0);
  }

  /** A row a layer that has weights; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    return this.layers.map((layer) => ({
      name: layer.name,
      type: typeOf(layer),
      outputShape: [null, ...(layer.type === 'condition' ? [] : [layer.height, layer.width]), layer.filters],
      params: countParams(layer, this.config),
    }));
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  private trainingSeed(seed: number | undefined): number {
    if (seed === undefined)
      throw new RangeError(`${WHO}.logProb: training needs a seed for the dropout. Pass { seed }.`);
    checkSeed(`${WHO}.logProb`, seed);
    return seed;
  }

  private kernels(averaged = false): Kernels {
    if (averaged && this.config.averageDecay === 0) {
      throw new RangeError(
        `${WHO}: there are no averages, averageDecay is 0. Leave averaged out, or set averageDecay.`,
      );
    }
    return kernelsOf(this.layers, this.config, averaged ? this.averages : this.own);
  }

  private parametersOf(inputs: Inputs, averaged?: boolean, dropoutSeed?: number): PixelCnnPlusPlusParameters {
    const kernels = this.kernels(averaged);
    const head = outputsOf(this.config, {
      ...{ image: inputs.rescaled, conditional: inputs.conditional, dropoutSeed },
      kernelOf: ({ name }) => kernels[name]!,
    });
    const { numLogisticMix: components } = this.config;
    const [logits, loc, scale, coefficients] = tf.split(head, headSizes(this.config), 3) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const perComponent = (t: tf.Tensor) =>
      tf.reshape(t, [...t.shape.slice(0, 3), components, t.shape[3]! / components]);
    return {
      logits,
      loc: perComponent(loc),
      scale: perComponent(tf.add(tf.softplus(scale), LEAST_SCALE)),
      coefficients: perComponent(coefficients),
    };
  }
}

function typeOf({ type, taps }: PixelLayer): string {
  if (type === 'spread') return 'ShiftedConv2DTranspose';
  return type === 'conv' && taps[0] * taps[1] > 1 ? 'ShiftedConv2D' : 'Dense';
}
