import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import goldens from '../fixtures/adam-w.json';
import { Adam } from './adam.ts';
import { AdamW } from './adam-w.ts';

const { start, gradients, runs } = goldens;

// Goldens: fixtures/adam-w.py, PyTorch's AdamW in float64. Its clipping divides by the norm + 1e-6, ours by the norm.
it.each(runs)('is that of PyTorch: run %#, clipNorm $clipNorm', async ({ options, clipNorm, norms, after }) => {
  const weights = { kernel: tf.variable(tf.tensor2d(start.kernel)), bias: tf.variable(tf.tensor1d(start.bias)) };
  const { learningRate, ...rest } = options;
  const optimizer = new AdamW(weights, rest);
  for (const [step, { kernel, bias }] of gradients.entries()) {
    const tensors = { kernel: tf.tensor2d(kernel), bias: tf.tensor1d(bias) };
    if (clipNorm === null) optimizer.update(tensors, learningRate);
    else expect(await optimizer.clippedUpdate(tensors, learningRate, clipNorm)).toBeCloseTo(norms[step]!, 6);
    const got = [...weights.kernel.dataSync(), ...weights.bias.dataSync()];
    // float32 roundings of numbers up to 2, of which each step adds a few.
    for (const [i, want] of after[step]!.entries()) expect(Math.abs(got[i]! - want)).toBeLessThan(3e-6);
  }
  expect(optimizer.step).toBe(gradients.length);
});

const zeroStep = (options: ConstructorParameters<typeof AdamW>[1]) => {
  const weights = { kernel: tf.variable(tf.ones([1, 1])), bias: tf.variable(tf.ones([1])) };
  const optimizer = new AdamW(weights, options);
  optimizer.update({ kernel: tf.zeros([1, 1]), bias: tf.zeros([1]) }, 0.1);
  return [weights.kernel.dataSync()[0], weights.bias.dataSync()[0]];
};

// Closed form: without a gradient all that is left is 1 - learningRate weightDecay.
it('takes weightDecay times the learning rate off the weights that decay', () => {
  expect(zeroStep({ weightDecay: 0.5 })).toEqual([Math.fround(0.95), 1]);
  expect(zeroStep({})).toEqual([Math.fround(0.999), 1]);
  expect(zeroStep({ weightDecay: 0.5, decays: (name) => name === 'bias' })).toEqual([1, Math.fround(0.95)]);
  expect(zeroStep({ weightDecay: 0.5, decays: (_, { shape }) => shape[0] === 1 })).toEqual(
    [0.95, 0.95].map(Math.fround),
  );
});

it('without decay is Adam, to the bit', async () => {
  const [a, b] = [tf.variable(tf.tensor2d(normal(6, 1), [2, 3])), tf.variable(tf.tensor2d(normal(6, 1), [2, 3]))];
  const [adamW, adam] = [new AdamW({ w: a }, { weightDecay: 0 }), new Adam({ w: b })];
  for (let step = 0; step < 5; step++) {
    const w = tf.tensor2d(normal(6, 10 + step), [2, 3]);
    adamW.update({ w }, 0.1);
    adam.update({ w }, 0.1);
  }
  expect(a.dataSync()).toEqual(b.dataSync());
  expect(await adamW.state()).toEqual(await adam.state());
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a weightDecay of %d', (weightDecay) => {
  expect(() => new AdamW({}, { weightDecay })).toThrow(
    new RangeError(`AdamW: weightDecay must be 0 or more, got ${weightDecay}. Omit it to use 0.01.`),
  );
});
