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
import type { LanguageModelConfig } from './language-model/config.ts';
import { LanguageModel } from './language-model/language-model.ts';
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

// Without training: tfjs's own wasm has no gradient of the look-up.
it.each<[string, LanguageModelConfig]>([
  ['lstm', { layers: 2 }],
  ['gru', { cell: 'gru' }],
  ['gru, reset after', { cell: 'gru', reset: 'after' }],
])('%s: a language model scores and writes on wasm as on cpu', async (_, config) => {
  const on = async (engine: string) => {
    await tf.setBackend(engine);
    const model = new LanguageModel({ vocabulary: 30, embedding: 5, units: 6, ...config });
    const rows = tf.tensor2d(
      [
        [4, 9, 3, 0, 0],
        [8, 29, 1, 2, 7],
      ],
      undefined,
      'int32',
    );
    const [{ nats, tokens }, loss] = [model.score(rows), model.loss(rows)];
    const options = { prompt: [5, 2], maxTokens: 30, seed: 1, count: 2, temperature: 0.5, ban: [1], topP: 0.9 };
    const texts = await model.generate(options);
    const scores = [...nats.dataSync(), loss.dataSync()[0]!];
    const result = { scores, tokens: [...tokens.dataSync()], texts: texts.map((text) => text.tokens) };
    tf.dispose([rows, nats, tokens, loss]);
    model.dispose();
    return result;
  };
  const [cpu, wasm] = [await on('cpu'), await on('wasm')];
  expect(cpu.tokens).toEqual([3, 4]);
  expect(wasm.tokens).toEqual([3, 4]);
  expect(wasm.texts).toEqual(cpu.texts);
  cpu.scores.forEach((score, i) => {
    expect(Math.abs(wasm.scores[i]! / score - 1)).toBeLessThan(1e-5);
  });
});
