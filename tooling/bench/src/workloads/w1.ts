import { Autoencoder } from '@proj/models';
import { mnistImages } from '../data.ts';
import type { Variant } from '../measure.ts';
import { trainingStep } from './training-step.ts';

/** MNIST auto-encoder, 210,386 parameters, batch 128; an epoch is 469 steps. */
export async function* w1(): AsyncGenerator<Variant> {
  const images = await mnistImages();
  yield trainingStep('step', new Autoencoder({ seed: 0 }), images, 784, 128, 1e-3);
  yield trainingStep('epoch', new Autoencoder({ seed: 0 }), images, 784, 128, 1e-3, 469);
}
