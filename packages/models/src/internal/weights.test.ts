import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { createWeights, describeLayers, glorotUniform, type LayerSpec } from './weights.ts';

const specs: LayerSpec[] = [
  { name: 'a', type: 'Conv2D', outputShape: [4, 4, 5], kernel: [3, 3, 2, 5] },
  { name: 'b', type: 'Flatten', outputShape: [80] },
  { name: 'c', type: 'Dense', outputShape: [7], kernel: [80, 7] },
];

it('glorotUniform fills its interval and no more, with the right variance', () => {
  const draws = glorotUniform([3, 3, 20, 30], 0);
  const limit = Math.sqrt(6 / (9 * 50)); // closed form: fan in 9 x 20, fan out 9 x 30
  expect(draws).toHaveLength(5400);
  expect(Math.max(...draws)).toBeLessThanOrEqual(limit);
  expect(Math.max(...draws)).toBeGreaterThan(0.995 * limit); // 5,400 draws miss it once in 7e5
  expect(Math.min(...draws)).toBeLessThan(-0.995 * limit);
  const variance = draws.reduce((sum, w) => sum + w * w, 0) / draws.length;
  // A uniform w on (-a, a): var w = a^2 / 3, sd of w^2 = a^2 sqrt(4 / 45). 5 standard errors.
  expect(Math.abs(variance - limit ** 2 / 3)).toBeLessThan((5 * limit ** 2 * Math.sqrt(4 / 45)) / Math.sqrt(5400));
});

it('one seed is one set of weights, seed 0 too, and layers differ', () => {
  const values = (seed: number) => {
    const weights = createWeights(specs, seed);
    return Object.entries(weights).map(([name, w]) => [name, w.shape, Array.from(w.dataSync())]);
  };
  expect(values(0)).toEqual(values(0));
  expect(values(0)).not.toEqual(values(1));
  expect(values(0).map(([name]) => name)).toEqual(['a/kernel', 'a/bias', 'c/kernel', 'c/bias']);
  expect(values(0)[1]?.[2]).toEqual([0, 0, 0, 0, 0]);
  const same: LayerSpec = { name: 'x', type: 'Dense', outputShape: [3], kernel: [3, 3] };
  const twins = createWeights([same, { ...same, name: 'y' }], 0);
  expect(Array.from(twins['x/kernel']!.dataSync())).not.toEqual(Array.from(twins['y/kernel']!.dataSync()));
});

it('describes layers with and without weights', () => {
  expect(describeLayers(specs)).toEqual([
    { name: 'a', type: 'Conv2D', outputShape: [null, 4, 4, 5], params: 95 },
    { name: 'b', type: 'Flatten', outputShape: [null, 80], params: 0 },
    { name: 'c', type: 'Dense', outputShape: [null, 7], params: 567 },
  ]);
});

it('makes no tensor beside the variables', () => {
  const before = tf.memory().numTensors;
  expect(Object.keys(createWeights(specs, 3))).toHaveLength(4);
  expect(tf.memory().numTensors).toBe(before + 4);
});
