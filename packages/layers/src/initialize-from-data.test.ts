import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { CausalConv1d } from './causal-conv1d.ts';
import { GatedResidualBlock } from './gated-residual-block.ts';
import { initializeFromData } from './initialize-from-data.ts';
import { MaskedConv2d } from './masked-conv2d.ts';
import { ShiftedConv2d, ShiftedConv2dTranspose } from './shifted-conv2d.ts';

const images = () => tf.randomNormal([16, 6, 6, 3], 5, 3, 'float32', 1);

/** Mean and variance of each filter. */
const momentsOf = (y: tf.Tensor) => {
  const { mean, variance } = tf.moments(tf.reshape(y, [-1, y.shape.at(-1)!]), 0);
  return [[...mean.dataSync()], [...variance.dataSync()]] as const;
};

// Bounds: systems.md 5.7, mean 0 +- 1e-4 and variance 1 +- 1e-3.
it.each<[string, () => layers.Layer & { initializeFromData(x: tf.Tensor): void }, () => tf.Tensor]>([
  ['MaskedConv2d', () => new MaskedConv2d({ filters: 4, kernelSize: 5, maskType: 'A', useWeightNorm: true }), images],
  [
    'ShiftedConv2d',
    () => new ShiftedConv2d({ filters: 4, kernelSize: 2, direction: 'down-right', useWeightNorm: true }),
    images,
  ],
  [
    'ShiftedConv2dTranspose',
    () => new ShiftedConv2dTranspose({ filters: 4, kernelSize: 3, direction: 'down', strides: 2, useWeightNorm: true }),
    images,
  ],
  [
    'CausalConv1d',
    () => new CausalConv1d({ filters: 4, kernelSize: 2, useWeightNorm: true }),
    () => tf.reshape(images(), [16, 36, 3]),
  ],
])('%s: filters start with mean 0 and variance 1, whatever their length', (_, make, inputs) => {
  const layer = make();
  const x = inputs();
  layer.initializeFromData(x);
  const [kernel, bias, gain] = layer.getWeights();
  const y = layer.apply(x) as tf.Tensor;
  const [means, variances] = momentsOf(y);
  for (const mean of means) expect(Math.abs(mean)).toBeLessThan(1e-4);
  for (const variance of variances) expect(Math.abs(variance - 1)).toBeLessThan(1e-3);
  layer.setWeights([tf.mul(kernel!, 17), bias!, gain!]);
  const off = tf.max(tf.abs(tf.sub(layer.apply(x) as tf.Tensor, y)));
  expect(off.dataSync()[0]).toBeLessThan(1e-5);
});

it('goes through a model layer by layer, and leaves others alone', () => {
  const plain = new MaskedConv2d({ filters: 8, kernelSize: 3, maskType: 'A', inputShape: [6, 6, 3] });
  const first = new ShiftedConv2d({ filters: 8, kernelSize: [2, 3], direction: 'down', useWeightNorm: true });
  const block = new GatedResidualBlock({ direction: 'down', useWeightNorm: true });
  const last = new MaskedConv2d({ filters: 2, kernelSize: 1, maskType: 'B', useWeightNorm: true });
  const model = sequential({ layers: [plain, first, layers.activation({ activation: 'elu' }), block, last] });
  const x = images();
  const stays = plain.getWeights().map((w) => [...w.dataSync()]);
  const before = tf.memory().numTensors;
  initializeFromData(model, x);
  expect(tf.memory().numTensors).toBe(before);
  expect(plain.getWeights().map((w) => [...w.dataSync()])).toEqual(stays);
  for (const name of [first, block, last]) {
    const gains = name.weights.filter(({ name: full }) => /gain/i.test(full)).map((w) => [...w.read().dataSync()]);
    expect(gains.length).toBeGreaterThan(0);
    expect(gains.flat().every((gain) => gain !== 1)).toBe(true);
  }
  const [means, variances] = momentsOf(model.predict(x) as tf.Tensor);
  for (const mean of means) expect(Math.abs(mean)).toBeLessThan(1e-4);
  for (const variance of variances) expect(Math.abs(variance - 1)).toBeLessThan(1e-3);
});

it('needs weight normalisation', () => {
  const layer = new CausalConv1d({ filters: 4, kernelSize: 2 });
  const start = () => layer.initializeFromData(tf.ones([1, 3, 2]));
  expect(start).toThrow(RangeError);
  expect(start).toThrow('CausalConv1d: initializeFromData sets the gain, which needs useWeightNorm: true.');
});
