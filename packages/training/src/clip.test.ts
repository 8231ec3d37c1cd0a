import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { clipScale, globalNorm } from './clip.ts';

// Closed form: sqrt(1 + 4 + 4 + 16) = 5.
it('globalNorm is over all numbers of all tensors', () => {
  const tensors = [tf.tensor2d([[1, 2]]), tf.scalar(-2), tf.tensor1d([4])];
  const before = tf.memory().numTensors;
  const norm = globalNorm(tensors);
  expect(norm.dataSync()[0]).toBe(5);
  norm.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(globalNorm([]).dataSync()[0]).toBe(0);
});

it('clipScale brings a longer gradient to the bound and leaves others', () => {
  expect([clipScale(5, 1), clipScale(5, 5), clipScale(5, 10), clipScale(0, 1)]).toEqual([0.2, 1, 1, 1]);
});
