import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { arrayDataset } from './dataset.ts';
import { meanMetrics } from './metrics.ts';

const data = arrayDataset(Float32Array.of(1, 2, 3, 4, 10), []);
const numbers = (batch: tf.Tensor) => batch as tf.Tensor1D;

it('weighs every example alike, the last batch too', async () => {
  const means = await meanMetrics(data, 2, (batch) => ({ x: numbers(batch), square: tf.square(numbers(batch)) }));
  expect(means).toEqual({ x: 4, square: 26 });
});

it('adds up in float64', async () => {
  const many = arrayDataset(new Float32Array(3000).fill(16_777_217).fill(1, 1), []);
  // Sum 16777216 + 2999: in float32 every one of the ones would be lost.
  expect(await meanMetrics(many, 1000, (batch) => ({ x: numbers(batch) }))).toEqual({ x: (16_777_216 + 2999) / 3000 });
});

it('gives every batch a seed of its own, the same in every run', async () => {
  const seeds = async (seed?: number) => {
    const seen: number[] = [];
    await meanMetrics(
      data,
      2,
      (batch, batchSeed) => {
        seen.push(batchSeed);
        return { x: numbers(batch) };
      },
      seed,
    );
    return seen;
  };
  const [a, b, other] = [await seeds(7), await seeds(7), await seeds(8)];
  expect(new Set(a).size).toBe(3);
  expect(b).toEqual(a);
  expect(other).not.toEqual(a);
  expect(await seeds(0)).toEqual(await seeds());
});

it('leaves no tensor behind, nor when it fails', async () => {
  const before = tf.memory().numTensors;
  await meanMetrics(data, 2, (batch) => ({ x: tf.add(tf.mul(batch, 2), 1) as tf.Tensor1D }));
  await expect(meanMetrics(data, 2, (batch) => ({ x: tf.sum(batch) as unknown as tf.Tensor1D }))).rejects.toThrow(
    "meanMetrics: 'x' must have shape [2], a number an example, got []",
  );
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses names that come and go, and options out of range', async () => {
  let calls = 0;
  const fickle = (batch: tf.Tensor) => ({ [`x${calls++}`]: numbers(batch) });
  await expect(meanMetrics(data, 2, fickle)).rejects.toThrow(
    new TypeError('meanMetrics: metrics must have the same names in every batch, got x1 after x0.'),
  );
  const x = (batch: tf.Tensor) => ({ x: numbers(batch) });
  await expect(meanMetrics(data, 0, x)).rejects.toThrow('meanMetrics: batchSize must be a positive integer, got 0.');
  await expect(meanMetrics(data, 1, x, -1)).rejects.toThrow(
    'meanMetrics: seed must be a non-negative integer, got -1.',
  );
  await expect(meanMetrics({ ...data, size: 0 }, 1, x)).rejects.toThrow('at least one example, got size 0');
});
