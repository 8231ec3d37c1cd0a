import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { binarize } from './binarize.ts';

it('makes a pixel 1 with the probability that is its grey value', () => {
  const n = 20_000;
  const grey = tf.tile(tf.tensor2d([[0, 0.1, 0.5, 1]]), [n, 1]);
  const binary = binarize(grey, 0);
  expect(new Set(binary.dataSync())).toEqual(new Set([0, 1]));
  expect(binary.dtype).toBe('float32');
  const [never, tenth, half, always] = tf.mean(binary, 0).arraySync() as number[];
  expect(never).toBe(0);
  expect(always).toBe(1);
  expect(Math.abs(tenth! - 0.1)).toBeLessThan((5 * 0.3) / Math.sqrt(n)); // 5 standard errors
  expect(Math.abs(half! - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(n));
});

it('draws the same for the same seed, something else for another, and borrows its input', () => {
  const grey = tf.fill([50, 4], 0.5);
  const before = tf.memory().numTensors;
  const [a, b, c] = [0, 0, 1].map((seed) => binarize(grey, seed)) as [tf.Tensor, tf.Tensor, tf.Tensor];
  expect(tf.memory().numTensors).toBe(before + 3);
  expect(Array.from(a.dataSync())).toEqual(Array.from(b.dataSync()));
  expect(Array.from(a.dataSync())).not.toEqual(Array.from(c.dataSync()));
});

it('names a bad seed', () => {
  expect(() => binarize(tf.scalar(0.5), -1)).toThrow(/seed must be a non-negative safe integer, got -1/);
});
