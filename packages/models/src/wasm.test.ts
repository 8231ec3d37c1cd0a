import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardUniform } from '@proj/distributions';
import { afterEach, expect, it } from 'vitest';
import { Autoencoder } from './autoencoder/autoencoder.ts';
import { binarize } from './binarize.ts';
import { CategoricalVae } from './categorical-vae/categorical-vae.ts';
import { Dvae } from './dvae/dvae.ts';
import type { VaeConfig } from './vae/config.ts';
import { Vae } from './vae/vae.ts';

const tinyVae = (config: VaeConfig) => new Vae({ imageShape: [4, 4, 1], hidden: 12, latent: 3, ...config });
const MODELS = {
  autoencoder: () => new Autoencoder({ imageShape: [4, 4, 1] }),
  'linear autoencoder': () => new Autoencoder({ imageShape: [4, 4, 1], linear: true }),
  vae: () => new Vae({ imageShape: [4, 4, 1], hidden: 12, latent: 3 }),
  'gaussian vae': () => new Vae({ imageShape: [4, 4, 1], hidden: 12, likelihood: 'gaussian', activation: 'relu' }),
  'deep softplus vae with free bits': () => tinyVae({ layers: 2, activation: 'softplus', freeBits: 0.1 }),
  'vae of learned variances': () => tinyVae({ likelihood: 'gaussian-learned' }),
  'vae of bytes': () => tinyVae({ likelihood: 'discretized-logistic' }),
  'vae with a mixture prior': () => tinyVae({ prior: 'mixture', components: 3 }),
  'vae with a VampPrior and reflections': () => tinyVae({ prior: 'vamp', components: 3, reflections: 2 }),
  dvae: () => new Dvae({ imageShape: [4, 4, 1], hidden: 12, latent: 3, level: 0.3 }),
  'dvae, gaussian noise': () => new Dvae({ imageShape: [4, 4, 1], hidden: 12, latent: 3, noise: 'gaussian' }),
  'categorical vae': () => new CategoricalVae({ imageShape: [4, 4, 1], hidden: [12], variables: 3, classes: 4 }),
  'straight-through': () =>
    new CategoricalVae({
      imageShape: [4, 4, 1],
      hidden: [12],
      variables: 3,
      classes: 4,
      estimator: 'straight-through',
    }),
  'score function': () =>
    new CategoricalVae({ imageShape: [4, 4, 1], hidden: [12], variables: 3, classes: 4, estimator: 'score-function' }),
};

type Model = ReturnType<(typeof MODELS)[keyof typeof MODELS]>;

/** Loss and gradients of a first step, weights and draws included. */
async function firstStep(engine: string, make: () => Model) {
  await tf.setBackend(engine);
  const model = make();
  const weights = Object.entries(model.weights);
  const first = weights.map(([name, w]) => [name, Array.from(w.dataSync())] as const);
  const x = binarize(standardUniform([5, 16], 1), 2);
  const { value, grads } = tf.variableGrads(
    () => model.loss(x, 3),
    weights.map(([, w]) => w),
  );
  const loss = value.dataSync()[0]!;
  const gradients = weights.map(([name, w]) => [name, Array.from(grads[w.name]!.dataSync())] as const);
  tf.dispose([value, grads, x]);
  model.dispose();
  return { first, loss, gradients };
}

afterEach(() => tf.setBackend('cpu'));

it.each(Object.entries(MODELS))('%s: the same weights and the same step on wasm as on cpu', async (_, make) => {
  const cpu = await firstStep('cpu', make);
  const wasm = await firstStep('wasm', make);
  expect(wasm.first).toEqual(cpu.first); // bit for bit: our own generator
  expect(Math.abs(wasm.loss - cpu.loss)).toBeLessThan(1e-5 * Math.abs(cpu.loss));
  for (const [i, [name, gradient]] of cpu.gradients.entries()) {
    const scale = Math.max(...gradient.map(Math.abs));
    for (const [j, g] of gradient.entries()) {
      expect(Math.abs(wasm.gradients[i]![1][j]! - g), name).toBeLessThan(1e-4 * scale);
    }
  }
});
