import { standardNormal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterEach, expect, it } from 'vitest';
import { TopicGuidedVae } from './topic-guided-vae.ts';

/** First weights, draws included, the bound, and what is written. */
async function firstBound(engine: string) {
  await tf.setBackend(engine);
  const sizes = { vocabulary: 9, topicWords: 6, topics: 3, topicUnits: 5, latent: 4, units: 6, embedding: 3 };
  const model = new TopicGuidedVae(sizes);
  const words = tf.tensor2d([2, 5, 3, 0, 7, 1, 4, 8], [2, 4], 'int32');
  const bag = tf.abs(standardNormal([2, 6], 1)) as tf.Tensor2D;
  const first = Object.entries(model.weights).map(([name, w]) => [name, Array.from(w.dataSync())] as const);
  const parts = model.elbo({ words, bag }, 3);
  const bounds = Object.entries(parts).map(([name, part]) => [name, Array.from(part.dataSync())] as const);
  const loss = model.loss({ words, bag }, 3, 5);
  const nats = loss.dataSync()[0]!;
  const written = await model.sample(3, 4, { topic: 1, maxTokens: 8 });
  tf.dispose([parts, loss, words, bag]);
  model.dispose();
  return { first, bounds: [...bounds, ['loss', [nats]] as const], written };
}

afterEach(() => tf.setBackend('cpu'));

// The gradients of wasm as it ships lack a kernel: apps/trainer/tests/topics.test.ts has them with @proj/backend.
it('the same weights, the same bound and the same words on wasm as on cpu', async () => {
  const cpu = await firstBound('cpu');
  const wasm = await firstBound('wasm');
  expect(wasm.first).toEqual(cpu.first); // bit for bit: our own generator
  for (const [i, [name, values]] of cpu.bounds.entries()) {
    for (const [b, x] of values.entries()) {
      expect(Math.abs(wasm.bounds[i]![1][b]! - x), name).toBeLessThan(1e-5 * Math.max(1, Math.abs(x)));
    }
  }
  expect(wasm.written).toEqual(cpu.written);
});
