import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { type Corruption, corrupt } from './corrupt.ts';
import { denoisingError } from './denoising-error.ts';

const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const N = 100_000;
/** Counts of grey pixels that were left, made 0 and made 1. */
const counts = (corruption: Corruption) => {
  const out = numbers(corrupt(tf.fill([N / 100, 100], 0.25), corruption, 3));
  return [0.25, 0, 1].map((value) => out.filter((v) => v === value).length);
};
/** 5 standard errors of a count: a right sampler fails for one seed in 1.7 million. */
const slack = (p: number) => 5 * Math.sqrt(N * p * (1 - p));

it.each([0.02, 0.05, 0.5, 1])('salt and pepper hit with probability %f, and either is half of the hits', (level) => {
  const [left, zeros, ones] = counts({ noise: 'salt-pepper', level });
  expect(left! + zeros! + ones!).toBe(N);
  expect(Math.abs(left! - N * (1 - level))).toBeLessThanOrEqual(slack(level));
  expect(Math.abs(zeros! - (N * level) / 2)).toBeLessThan(slack(level / 2));
  expect(Math.abs(ones! - (N * level) / 2)).toBeLessThan(slack(level / 2));
});

it.each([0.1, 0.75, 1])('masking makes pixels 0 with probability %f', (level) => {
  const [left, zeros, ones] = counts({ noise: 'mask', level });
  expect([left! + zeros!, ones]).toEqual([N, 0]);
  expect(Math.abs(zeros! - N * level)).toBeLessThanOrEqual(slack(level));
});

it('Gaussian noise has mean 0 and the level as standard deviation, and may leave [0, 1]', () => {
  const level = 0.4;
  const out = numbers(corrupt(tf.fill([N], 0.25), { noise: 'gaussian', level }, 3));
  const mean = out.reduce((a, b) => a + b) / N;
  const variance = out.reduce((sum, v) => sum + (v - mean) ** 2, 0) / N;
  expect(Math.abs(mean - 0.25)).toBeLessThan((5 * level) / Math.sqrt(N));
  expect(Math.abs(variance - level ** 2)).toBeLessThan(5 * level ** 2 * Math.sqrt(2 / N));
  expect(Math.min(...out)).toBeLessThan(0);
});

it.each(['salt-pepper', 'mask', 'gaussian'] as const)(
  '%s: level 0 changes nothing, a seed repeats, the argument stays',
  (noise) => {
    const x = tf.tensor2d([0, 1, 0.3, 0.7], [1, 4]);
    expect(numbers(corrupt(x, { noise, level: 0 }, 5))).toEqual(numbers(x));
    const large = tf.fill([50, 50], 0.5);
    const draw = (seed: number) => numbers(corrupt(large, { noise, level: 0.5 }, seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const before = tf.memory().numTensors;
    corrupt(x, { noise, level: 0.5 }, 0).dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

it.each([
  [{ noise: 'salt', level: 0.1 }, 'corrupt: noise must be one of salt-pepper, mask, gaussian, got salt.'],
  [{ noise: 'mask', level: 1.5 }, 'corrupt: level of mask noise must be a probability, from 0 to 1, got 1.5.'],
  [{ noise: 'salt-pepper', level: Number.NaN }, 'must be a probability, from 0 to 1, got NaN.'],
  [
    { noise: 'gaussian', level: -1 },
    'corrupt: level of gaussian noise must be a standard deviation, 0 or more, got -1.',
  ],
  [{ noise: 'gaussian', level: Infinity }, 'got Infinity.'],
])('refuses %o', (corruption, message) => {
  expect(() => corrupt(tf.zeros([2]), corruption as Corruption, 0)).toThrow(RangeError);
  expect(() => corrupt(tf.zeros([2]), corruption as Corruption, 0)).toThrow(message);
});

it('denoisingError compares with the clean image, a mean over pixels', () => {
  const identity = { reconstruct: (x: tf.Tensor) => tf.clone(x) as tf.Tensor2D };
  const x = tf.tensor2d([
    [1, 1, 1, 0],
    [0, 0, 0, 0],
  ]);
  const masked = { noise: 'mask', level: 1 } as const;
  const before = tf.memory().numTensors;
  const error = denoisingError(identity, x, masked, 0);
  expect(tf.memory().numTensors).toBe(before + 1);
  expect(numbers(error)).toEqual([0.75, 0]); // three of four pixels lost
  expect(numbers(denoisingError({ reconstruct: () => tf.fill([2, 4], 0.5) }, x, masked, 0))).toEqual([0.25, 0.25]);
});
