import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterEach, expect, it } from 'vitest';
import type { WordVaeConfig } from './config.ts';
import { WordVae } from './word-vae.ts';

afterEach(() => tf.setBackend('cpu'));

/** Loss and gradients of a first step, and what is drawn. tfjs's own wasm; with our kernels: apps/trainer/tests/words.test.ts. */
async function everything(engine: string, config: WordVaeConfig) {
  await tf.setBackend(engine);
  const model = new WordVae({ letters: 4, units: 6, latent: 3, embedding: 5, length: 6, seed: 2, ...config });
  const x = tf.tensor2d([0, 1, 2, 5, 6, 6, 3, 3, 5, 6, 6, 6, 5, 6, 6, 6, 6, 6], [3, 6], 'int32');
  const weights = Object.entries(model.weights);
  const { value, grads } = tf.variableGrads(
    () => model.loss(x, 3, 500),
    weights.map(([, weight]) => weight),
  );
  const result = {
    first: weights.map(([name, weight]) => [name, Array.from(weight.dataSync())] as const),
    loss: value.dataSync()[0]!,
    gradients: weights.map(([name, weight]) => [name, Array.from(grads[weight.name]!.dataSync())] as const),
    iwae: Array.from(model.iwae(x, 4, 1).dataSync()),
    reconstructed: Array.from(model.reconstructed(x).dataSync()),
    sample: await (await model.sample(9, 1)).array(),
  };
  model.dispose();
  return result;
}

it.each<WordVaeConfig>([{}, { reset: 'before' }, { config: 'small' }])(
  '%o: the same weights, step and words on wasm as on cpu',
  async (config) => {
    const cpu = await everything('cpu', config);
    const wasm = await everything('wasm', config);
    expect(wasm.first).toEqual(cpu.first); // bit for bit: our own generator
    expect(wasm.loss).toBeCloseTo(cpu.loss, 4);
    for (const [i, [name, gradient]] of cpu.gradients.entries()) {
      const scale = Math.max(...gradient.map(Math.abs));
      expect(scale, name).toBeGreaterThan(0);
      const differences = gradient.map((g, j) => Math.abs(wasm.gradients[i]![1][j]! - g));
      expect(Math.max(...differences), name).toBeLessThan(1e-4 * scale);
    }
    expect(Math.max(...wasm.iwae.map((bound, i) => Math.abs(bound - cpu.iwae[i]!)))).toBeLessThan(1e-4);
    expect(wasm.reconstructed).toEqual(cpu.reconstructed);
    expect(wasm.sample).toEqual(cpu.sample);
  },
);
