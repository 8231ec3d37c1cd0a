import { splitSeed } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { annealedTemperature, CategoricalVae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { images } from '../tasks/images.ts';
import { type ImageModel, imageShape } from './image-model.ts';
import { likelihoodNote, observer, type PixelLikelihood } from './observe.ts';
import type { ModelSpec } from './spec.ts';
import { IWAE_SAMPLES } from './vae.ts';

const schema = z.object({
  variables: z.int().min(1).max(4096).default(30).describe('categorical latent variables'),
  classes: z.int().min(2).max(4096).default(10).describe('classes of each'),
  estimator: z
    .enum(['relaxed', 'straight-through', 'score-function'])
    .default('relaxed')
    .describe('of the gradient through the latents'),
  temperature: z.number().positive().default(1).describe('of relaxed samples at step 0'),
  annealing: z.number().min(0).default(3e-5).describe('by how much its logarithm falls in a step, changed every 1,000'),
  coldest: z.number().positive().default(0.5).describe('it never falls below'),
  likelihood: z.enum(['bernoulli', 'gaussian']).default('bernoulli').describe('p(x | z)'),
});

export const categoricalVae: ModelSpec<ImageData, ImageModel> = {
  name: 'categorical-vae',
  task: images,
  summary: 'variational auto-encoder with categorical latents: Gumbel-softmax (Jang et al. 2016)',
  schema,
  defaults: { data: 'digits', epochs: 30, batch: 100, learningRate: 1e-3 },
  monitor: { metric: 'elbo', mode: 'max' },
  notes: ({ likelihood, estimator }) => [
    likelihoodNote(likelihood as PixelLikelihood),
    `estimator ${estimator}${estimator === 'relaxed' ? ': the training loss decodes relaxed samples and is no bound' : ''}`,
    `elbo, reconstruction, kl in nats/image and iwae with ${IWAE_SAMPLES} samples an image, from one-hot samples: bounds on log p(x)`,
    'codes and reconstructions are of the likeliest classes; a temperature of sampling changes nothing, the prior is uniform',
  ],
  create(settings, shape, seed) {
    const { temperature: start, annealing: rate, coldest: least, ...config } = schema.parse(settings);
    const model = new CategoricalVae({ ...config, imageShape: imageShape(shape), seed });
    const observe = observer(config.likelihood);
    const flat = (z: tf.Tensor) => tf.reshape<tf.Rank.R2>(z, [-1, config.variables * config.classes]);
    return {
      weights: model.weights,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      observe,
      prepare: () => {}, // from the mean image it takes 300 steps longer until the latents are used
      loss(x, stepSeed, step) {
        const [draw, noise] = splitSeed(stepSeed, 2);
        const temperature = annealedTemperature(step, { start, rate, least });
        return model.loss(observe(x as tf.Tensor2D, draw!), noise!, { temperature });
      },
      metrics(x, batchSeed, full) {
        return tf.tidy(() => {
          const [draw, noise, importance] = splitSeed(batchSeed, 3);
          const observed = observe(x, draw!);
          const { elbo, reconstruction, kl } = model.elbo(observed, noise!);
          const bounds = { elbo, reconstruction, kl };
          return full ? { ...bounds, iwae: model.iwae(observed, IWAE_SAMPLES, importance!) } : bounds;
        }) as Record<string, tf.Tensor1D>;
      },
      summarise: (means) => means,
      encode: (x) => tf.tidy(() => flat(model.posterior(x).mode())),
      decode: (codes) => model.decode(codes),
      sampleCodes: (count, drawSeed) =>
        tf.tidy(() => flat(model.prior.sample({ sampleShape: [count], seed: drawSeed }))),
      dispose: () => model.dispose(),
    };
  },
};
