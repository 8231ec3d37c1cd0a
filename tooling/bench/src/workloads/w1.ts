import { Autoencoder } from '@proj/models';
import { trainingImages } from '../data.ts';
import type { Variant } from '../measure.ts';
import { trainingStep } from './training-step.ts';

const IMAGES = 60_000;
const BATCH = 128;

/** MNIST auto-encoder, 210,386 parameters, batch 128, Adam 1e-3; an epoch is 469 steps. */
export async function* w1(): AsyncGenerator<Variant> {
  const common = { data: await trainingImages('mnist', IMAGES), itemSize: 784, batch: BATCH, learningRate: 1e-3 };
  yield trainingStep({ ...common, name: 'step', model: new Autoencoder({ seed: 0 }) });
  const steps = Math.ceil(IMAGES / BATCH);
  yield trainingStep({ ...common, name: 'epoch', model: new Autoencoder({ seed: 0 }), steps });
}
