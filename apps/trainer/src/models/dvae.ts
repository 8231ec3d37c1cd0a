import { splitSeed } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { Dvae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { denoisingPictures } from '../tasks/image-denoising.ts';
import { images } from '../tasks/images.ts';
import { type ImageModel, imageShape } from './image-model.ts';
import { likelihoodNote, observer, type PixelLikelihood } from './observe.ts';
import type { ModelSpec } from './spec.ts';
import { IWAE_SAMPLES } from './vae.ts';

/** Corruptions of an image whose posteriors are mixed: the m of the mixture bound. */
const MIXTURE = 16;

const schema = z
  .object({
    noise: z.enum(['salt-pepper', 'mask', 'gaussian']).default('salt-pepper').describe('what corrupts the input'),
    level: z.number().min(0).default(0.05).describe('probability of a hit; gaussian: standard deviation'),
    latent: z.int().min(1).max(4096).default(50).describe('dimensions of z'),
    hidden: z.int().min(1).max(65536).default(200).describe('units of a hidden layer'),
    layers: z.int().min(1).max(16).default(2).describe('hidden layers of the encoder; the decoder has one'),
    activation: z.enum(['tanh', 'relu', 'softplus']).default('softplus').describe('of the hidden layers'),
    likelihood: z.enum(['bernoulli', 'gaussian']).default('bernoulli').describe('p(x | z)'),
    beta: z.number().min(0).default(1).describe('weight of the KL term'),
  })
  .refine(({ noise, level }) => noise === 'gaussian' || level <= 1, {
    path: ['level'],
    message: 'it is a probability, at most 1',
  });

export const dvae: ModelSpec<ImageData, ImageModel> = {
  name: 'dvae',
  task: images,
  summary: 'denoising variational auto-encoder: corrupted in, clean out (Im et al. 2015)',
  schema,
  defaults: { data: 'digits', epochs: 30, batch: 128, learningRate: 1e-3 },
  monitor: { metric: 'elbo', mode: 'max' },
  notes: ({ likelihood, noise, level }) => [
    likelihoodNote(likelihood as PixelLikelihood),
    `the encoder sees ${noise} noise of ${level} in training; the loss is minus dvaeBound`,
    "the decoder's output biases start from the mean training image",
    `elbo, reconstruction, kl in nats/image, of clean inputs; iwae with ${IWAE_SAMPLES} samples an image`,
    `dvaeBound: E over the noise of the ELBO with q(z | noisy x); mixtureBound: with the mixture of ${MIXTURE} of them`,
    'activeUnits: dimensions of z whose posterior mean has a variance above 0.01 over the (grey) images',
    'denoisingMse: what is made of noisy images against the clean ones, a mean over pixels',
  ],
  create(settings, shape, seed) {
    const config = schema.parse(settings);
    const model = new Dvae({ ...config, imageShape: imageShape(shape), seed });
    const observe = observer(config.likelihood);
    return {
      weights: model.weights,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      observe,
      corruption: model.corruption,
      prepare: (mean) => model.startFromMean(mean),
      loss(x, stepSeed) {
        const [draw, noise] = splitSeed(stepSeed, 2);
        return model.loss(observe(x as tf.Tensor2D, draw!), noise!);
      },
      metrics(x, batchSeed, full) {
        return tf.tidy(() => {
          const [draw, noise, importance, corrupted, mixed] = splitSeed(batchSeed, 5);
          const clean = observe(x, draw!);
          const { elbo, reconstruction, kl } = model.elbo(clean, noise!);
          const bounds = { elbo, reconstruction, kl };
          if (!full) return bounds;
          return {
            ...bounds,
            iwae: model.iwae(clean, IWAE_SAMPLES, importance!),
            dvaeBound: model.dvaeBound(clean, corrupted!).elbo,
            mixtureBound: model.mixtureBound(clean, MIXTURE, mixed!),
          };
        }) as Record<string, tf.Tensor1D>;
      },
      summarise: (means) => means,
      encode: (x) => tf.tidy(() => model.posterior(x).mean() as tf.Tensor2D),
      decode: (codes) => model.decode(codes),
      sampleCodes: (count, drawSeed, temperature) => model.sampleCodes(count, drawSeed, { temperature }),
      activeUnits: (x) => model.activeUnits(x),
      dispose: () => model.dispose(),
    };
  },
  exhibits: denoisingPictures,
};
