import { Vae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { mnistImages, padTo32 } from '../data.ts';
import type { Variant } from '../measure.ts';
import { trainingStep } from './training-step.ts';

/**
 * Convolutional VAE on 32x32x1, latent 2, 347,141 parameters, batch 100, Adam 5e-4. The loss is 500 x mean sigmoid
 * cross-entropy + KL: that of a beta-VAE with beta = 1024/500, times 500/1024.
 */
export async function* w6(): AsyncGenerator<Variant> {
  const images = padTo32(await mnistImages(), 1000);
  const vae = new Vae({ net: 'conv', latent: 2, imageShape: [32, 32, 1], beta: 1024 / 500, seed: 0 });
  const model = {
    weights: vae.weights,
    loss: (x: tf.Tensor, seed: number) =>
      tf.tidy(() => tf.mul(vae.loss(x as tf.Tensor2D, seed), 500 / 1024) as tf.Scalar),
    dispose: () => vae.dispose(),
  };
  yield trainingStep('step', model, images, 1024, 100, 5e-4);
}
