import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { createWeights, describeLayers, type LayerSpec } from './weights.ts';

const specs: LayerSpec[] = [
  { name: 'a', type: 'Conv2D', outputShape: [4, 4, 5], kernel: [3, 3, 2, 5] },
  { name: 'b', type: 'Flatten', outputShape: [80] },
  { name: 'c', type: 'Dense', outputShape: [7], kernel: [80, 7] },
];

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
