import { WordVae } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';
import { LENGTH, nameRows } from '../text/names.ts';
import { trainingStep } from './training-step.ts';

/** The step at which the KL has half of its weight, as the peer has it throughout. */
const HALF_WARM = 1000;

/** The word VAE of `WordVae`'s defaults, 46,089 parameters, at that step. */
export function wordVae() {
  const model = new WordVae();
  return {
    weights: model.weights,
    loss: (words: tf.Tensor, seed: number) => model.loss(words, seed, HALF_WARM),
    dispose: () => model.dispose(),
  };
}

/** Word VAE on first names, batch 64, 16 symbols, Adam 1e-3. */
export async function* w10(): AsyncGenerator<Variant> {
  yield trainingStep({
    ...{ name: 'step', model: wordVae(), data: await nameRows(), itemSize: LENGTH },
    ...{ batch: 64, learningRate: 1e-3, rate: { amount: 64, unit: 'words/s' } },
  });
}
