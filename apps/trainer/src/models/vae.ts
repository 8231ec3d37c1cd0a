import { standardNormal } from '@proj/distributions';
import { splitSeed } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { binarize, Vae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { images } from '../tasks/images.ts';
import { type ImageModel, imageShape } from './image-model.ts';
import type { ModelSpec } from './spec.ts';

/** Importance samples an image of the IWAE bound: the k of L_k. */
export const IWAE_SAMPLES = 64;

const schema = z.object({
  latent: z.int().min(1).max(4096).default(20).describe('dimensions of z'),
  hidden: z.int().min(1).max(65536).default(500).describe('units of the hidden layer (net mlp)'),
  activation: z.enum(['tanh', 'relu']).default('tanh').describe('of the hidden layer (net mlp)'),
  net: z.enum(['mlp', 'conv']).default('mlp').describe('encoder and decoder'),
  likelihood: z.enum(['bernoulli', 'gaussian']).default('bernoulli').describe('p(x | z)'),
  beta: z.number().min(0).default(1).describe('weight of the KL term'),
});

export const vae: ModelSpec<ImageData, ImageModel> = {
  name: 'vae',
  task: images,
  summary: 'variational auto-encoder (Kingma & Welling 2013); beta-VAE with --set beta=4',
  schema,
  defaults: { data: 'digits', epochs: 30, batch: 128, learningRate: 1e-3 },
  monitor: { metric: 'elbo', mode: 'max' },
  notes: ({ likelihood }) => [
    likelihood === 'bernoulli'
      ? 'binarisation: dynamic (every pixel drawn anew as Bernoulli(grey value); evaluation draws once, from a fixed seed)'
      : 'likelihood: Normal(mean, 1) on pixels in [0, 1], constant included',
    "the decoder's output biases start from the mean training image",
    `elbo, reconstruction, kl in nats/image; iwae with ${IWAE_SAMPLES} samples an image`,
  ],
  create(settings, shape, seed) {
    const config = schema.parse(settings);
    const model = new Vae({ ...config, imageShape: imageShape(shape), seed });
    const binary = config.likelihood === 'bernoulli';
    // The Bernoulli likelihood is one of binary images; each call sees its own draw of them.
    const observe = (x: tf.Tensor2D, drawSeed: number) => (binary ? (binarize(x, drawSeed) as tf.Tensor2D) : x);
    return {
      weights: model.weights,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      observe,
      prepare: (mean) => model.startFromMean(mean),
      loss(x, stepSeed) {
        const [draw, noise] = splitSeed(stepSeed, 2);
        return model.loss(observe(x as tf.Tensor2D, draw!), noise!);
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
      encode: (x) => tf.tidy(() => model.encode(x).loc as tf.Tensor2D),
      decode: (codes) => model.decode(codes) as tf.Tensor2D,
      sampleCodes: (count, drawSeed, temperature) =>
        tf.tidy(() => tf.mul(standardNormal([count, config.latent], drawSeed), temperature) as tf.Tensor2D),
      dispose: () => model.dispose(),
    };
  },
};
