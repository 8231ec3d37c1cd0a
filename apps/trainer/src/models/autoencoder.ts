import type { ImageData } from '@proj/io/node';
import { Autoencoder, psnr } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { images } from '../tasks/images.ts';
import { type ImageModel, imageShape } from './image-model.ts';
import { denseNetwork } from './networks.ts';
import type { ModelSpec } from './spec.ts';

const schema = z.object({
  latent: z.int().min(1).max(4096).default(2).describe('numbers in the code of an image'),
  linear: z.boolean().default(false).describe('no activations, trained with squared error (PCA)'),
});

export const autoencoder: ModelSpec<ImageData, ImageModel> = {
  name: 'autoencoder',
  task: images,
  summary: 'x392 auto-encoder: 784 pixels in 2 numbers, and back',
  schema,
  defaults: { data: 'digits', epochs: 20, batch: 128, learningRate: 1e-3 },
  monitor: { metric: 'mse', mode: 'min' },
  notes: ({ linear }) => [
    linear ? 'loss: mean squared error' : 'loss: cross-entropy against grey values, mean over pixels',
    'mse and bce are means over images and pixels; psnr in dB from the mean mse',
  ],
  create(settings, shape, seed) {
    const config = schema.parse(settings);
    const model = new Autoencoder({ ...config, imageShape: imageShape(shape), seed });
    return {
      weights: model.weights,
      countParams: () => model.countParams(),
      describe: () => model.describe(),
      prepare: () => {},
      loss: (x, stepSeed) => model.loss(x, stepSeed),
      metrics: (x) => model.evaluate(x) as Record<string, tf.Tensor1D>,
      summarise: (means) => ({ ...means, psnr: psnr(means.mse!) }),
      encode: (x) => model.encode(x) as tf.Tensor2D,
      decode: (codes) => model.decode(codes) as tf.Tensor2D,
      dispose: () => model.dispose(),
    };
  },
  network: (settings, { weights }) =>
    denseNetwork(weights, (name) => (settings.linear || /code$|logits$/.test(name) ? 'linear' : 'relu')),
};
