import { Vae } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { padTo32, trainingImages } from '../data.ts';
import type { Variant } from '../measure.ts';
import { trainingStep } from './training-step.ts';

const PIXELS = 1024;
const RECONSTRUCTION_WEIGHT = 500;

/**
 * Convolutional VAE on Fashion-MNIST padded to 32x32x1, latent 2, 347,141 parameters, batch 100, Adam 5e-4. The loss is
 * 500 x mean sigmoid cross-entropy + KL: that of a beta-VAE with beta = 1024/500, times 500/1024.
 */
export async function* w6(): AsyncGenerator<Variant> {
  const beta = PIXELS / RECONSTRUCTION_WEIGHT;
  const vae = new Vae({ net: 'conv', latent: 2, imageShape: [32, 32, 1], beta, seed: 0 });
  const model = {
    weights: vae.weights,
    loss: (x: tf.Tensor, seed: number) => tf.tidy(() => tf.mul(vae.loss(x, seed), 1 / beta) as tf.Scalar),
    dispose: () => vae.dispose(),
  };
  const data = padTo32(await trainingImages('fashion-mnist', 1000));
  yield trainingStep({ name: 'step', model, data, itemSize: PIXELS, batch: 100, learningRate: 5e-4 });
}
