import { splitSeed } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { Vae } from '@proj/models';
import { constant, cyclical, type Schedule } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { images } from '../tasks/images.ts';
import { type ImageModel, imageShape } from './image-model.ts';
import { latentWalkPictures } from './latent-walks.ts';
import { vaeNetwork } from './networks.ts';
import { likelihoodNote, observer } from './observe.ts';
import type { ModelSpec } from './spec.ts';

/** Importance samples an image of the IWAE bound: the k of L_k. */
export const IWAE_SAMPLES = 64;

const schema = z
  .object({
    latent: z.int().min(1).max(4096).default(20).describe('dimensions of z'),
    hidden: z.int().min(1).max(65536).default(500).describe('units of a hidden layer (net mlp)'),
    layers: z.int().min(1).max(16).default(1).describe('hidden layers each way (net mlp)'),
    activation: z.enum(['tanh', 'relu', 'softplus']).default('tanh').describe('of the hidden layers (net mlp)'),
    net: z.enum(['mlp', 'conv']).default('mlp').describe('encoder and decoder'),
    likelihood: z
      .enum(['bernoulli', 'gaussian', 'gaussian-learned', 'discretized-logistic'])
      .default('bernoulli')
      .describe('p(x | z)'),
    scale: z.number().positive().default(1).describe('standard deviation of a pixel (likelihood gaussian)'),
    beta: z.number().min(0).default(1).describe('weight of the KL term'),
    warmup: z.int().min(0).default(0).describe('steps over which that weight rises from 0'),
    cycles: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe('how often it does: rises for warmup steps, stays for as many'),
    freeBits: z.number().min(0).default(0).describe('nats a dimension that the KL is not charged for (prior normal)'),
    prior: z.enum(['normal', 'mixture', 'vamp']).default('normal').describe('p(z)'),
    components: z.int().min(1).max(65536).default(10).describe('of the prior (mixture, vamp)'),
    reflections: z.int().min(0).max(1000).default(0).describe('Householder reflections of the posterior'),
  })
  .refine(({ freeBits, prior }) => freeBits === 0 || prior === 'normal', {
    path: ['freeBits'],
    message: 'it needs the prior normal, whose KL is a sum over dimensions',
  });

export const vae: ModelSpec<ImageData, ImageModel> = {
  name: 'vae',
  task: images,
  summary: 'variational auto-encoder (Kingma & Welling 2013); beta-VAE with --set beta=4',
  schema,
  defaults: { data: 'digits', epochs: 30, batch: 128, learningRate: 1e-3 },
  monitor: { metric: 'elbo', mode: 'max' },
  notes(settings) {
    const { likelihood, scale, prior, components, warmup, cycles } = schema.parse(settings);
    const notes = [
      likelihoodNote(likelihood, scale),
      "the decoder's output biases start from the mean training image",
      `elbo, reconstruction, kl in nats/image; iwae with ${IWAE_SAMPLES} samples an image`,
      'activeUnits: dimensions of z whose posterior mean has a variance above 0.01 over the (grey) images',
    ];
    if (prior !== 'normal') {
      notes.push(
        `prior: ${prior} of ${components} components; kl from one posterior sample an image, not in closed form`,
      );
    }
    if (warmup > 0) notes.push(`weight of the KL: from 0 to beta over ${warmup} steps, ${cycles} time(s)`);
    return notes;
  },
  create(settings, shape, seed) {
    const config = schema.parse(settings);
    const { warmup, cycles, ...vaeConfig } = config;
    const model = new Vae({ ...vaeConfig, imageShape: imageShape(shape), seed });
    const beta = klWeight(config);
    const observe = observer(config.likelihood);
    return {
      weights: model.weights,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      observe,
      prepare: (mean) => model.startFromMean(mean),
      loss(x, stepSeed, step) {
        const [draw, noise] = splitSeed(stepSeed, 2);
        return model.loss(observe(x as tf.Tensor, draw!), noise!, { beta: beta(step) });
      },
      metrics(x, batchSeed, full) {
        return tf.tidy(() => {
          const [draw, noise, importance] = splitSeed(batchSeed, 3);
          const images = observe(x, draw!);
          const { elbo, reconstruction, kl } = model.elbo(images, noise!);
          const bounds = { elbo, reconstruction, kl };
          return full ? { ...bounds, iwae: model.iwae(images, IWAE_SAMPLES, importance!) } : bounds;
        }) as Record<string, tf.Tensor1D>;
      },
      summarise: (means) => means,
      encode: (x) => tf.tidy(() => model.posterior(x).mean() as tf.Tensor2D),
      decode: (codes) => model.decode(codes) as tf.Tensor2D,
      sampleCodes: (count, drawSeed, temperature) => model.sampleCodes(count, drawSeed, { temperature }),
      activeUnits: (x) => model.activeUnits(x),
      dispose: () => model.dispose(),
    };
  },
  exhibits: latentWalkPictures,
  network: (settings, { weights }) => vaeNetwork(schema.parse(settings), weights),
};

/** Rises over `warmup` steps, stays for as many, `cycles` times over; then stays. Source: Fu et al. 2019, arXiv:1903.10145, ratio 1/2. */
function klWeight({ beta, warmup, cycles }: z.infer<typeof schema>): Schedule {
  return warmup === 0 ? constant(beta) : cyclical({ steps: 2 * warmup * cycles, cycles, ratio: 0.5, to: beta });
}
