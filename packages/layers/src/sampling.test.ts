import { standardNormal } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { input, layers, loadLayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { registerLayers } from './register.ts';
import { Sampling } from './sampling.ts';

const draw = (layer: Sampling, mean: tf.Tensor, logVariance: tf.Tensor) =>
  layer.apply([mean, logVariance]) as tf.Tensor;
const MEAN = [
  [0, 1, -2],
  [5, 0.5, 0],
];
const LOG_VARIANCE = [
  [0, -1, 2],
  [0.5, -4, 1],
];
const inputs = () => [tf.tensor2d(MEAN), tf.tensor2d(LOG_VARIANCE)] as [tf.Tensor2D, tf.Tensor2D];

// The formula in float64: z = mean + exp(logVariance / 2) eps, with the noise of call k.
it('call number k draws mean + exp(logVariance / 2) eps with the noise of foldIn(seed, k)', () => {
  const layer = new Sampling({ seed: 7 });
  for (const k of [0, 1, 2]) {
    const eps = standardNormal([2, 3], foldIn(7, k)).arraySync() as number[][];
    const got = draw(layer, ...inputs()).arraySync() as number[][];
    MEAN.forEach((row, i) => {
      row.forEach((m, j) => {
        expect(got[i]![j]!).toBeCloseTo(m + Math.exp(LOG_VARIANCE[i]![j]! / 2) * eps[i]![j]!, 5);
      });
    });
  }
});

it('draws anew at every call; a seed, or a restart, gives the same draws again', () => {
  const layer = new Sampling({ seed: 0 });
  const three = () => [0, 1, 2].map(() => draw(layer, ...inputs()).arraySync());
  const first = three();
  expect(first[0]).not.toEqual(first[1]);
  expect(three()).not.toEqual(first);
  layer.restart();
  expect(three()).toEqual(first);
  const [same, other] = [new Sampling({ seed: 0 }), new Sampling({ seed: 1 })];
  expect(draw(same, ...inputs()).arraySync()).toEqual(first[0]);
  expect(draw(other, ...inputs()).arraySync()).not.toEqual(first[0]);
});

// 5 standard errors: a scale that is the variance, or half of it, is 20 and more off.
it('draws have the mean and the variance asked for', () => {
  const n = 20_000;
  const z = draw(new Sampling({ seed: 3 }), tf.fill([n, 1], 1.5), tf.fill([n, 1], Math.log(4)));
  const { mean, variance } = tf.moments(z);
  expect(Math.abs(mean.dataSync()[0]! - 1.5)).toBeLessThan(5 * (2 / Math.sqrt(n)));
  expect(Math.abs(variance.dataSync()[0]! - 4)).toBeLessThan(5 * (4 * Math.sqrt(2 / n)));
});

// Closed form: dz / dmean = 1, dz / dlogVariance = (z - mean) / 2.
it('gradients reach both parameters', () => {
  const [mean, logVariance] = inputs();
  const z = draw(new Sampling({ seed: 2 }), mean, logVariance);
  const layer = new Sampling({ seed: 2 });
  const [dMean, dLogVariance] = tf.grads((m, v) => draw(layer, m!, v!))([mean, logVariance]);
  expect(Array.from(dMean!.dataSync())).toEqual([1, 1, 1, 1, 1, 1]);
  const half = tf.div(tf.sub(z, mean), 2).dataSync();
  dLogVariance!.dataSync().forEach((g, i) => {
    expect(g).toBeCloseTo(half[i]!, 5);
  });
});

it('stands inside a model, which is saved and loaded with its seed', async () => {
  registerLayers();
  const x = input({ shape: [4] });
  const heads = [layers.dense({ units: 2 }).apply(x), layers.dense({ units: 2 }).apply(x)];
  const encoder = model({
    inputs: x,
    outputs: new Sampling({ seed: 5 }).apply(heads as SymbolicTensor[]) as SymbolicTensor,
  });
  expect(encoder.outputs[0]!.shape).toEqual([null, 2]);
  const rows = tf.randomUniform([3, 4], -1, 1, 'float32', 1);
  const first = (encoder.predict(rows) as tf.Tensor).arraySync();
  let saved: tf.io.ModelArtifacts | undefined;
  await encoder.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const loaded = await loadLayersModel(tf.io.fromMemory(saved!));
  expect((loaded.predict(rows) as tf.Tensor).arraySync()).toEqual(first);
  expect((loaded.predict(rows) as tf.Tensor).arraySync()).toEqual((encoder.predict(rows) as tf.Tensor).arraySync());
});

it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses seed %d', (seed) => {
  expect(() => new Sampling({ seed })).toThrow(RangeError);
  expect(() => new Sampling({ seed })).toThrow(`Sampling: seed must be a non-negative safe integer, got ${seed}.`);
});

it.each([
  [[tf.zeros([2, 3])], 'got [2, 3]. Call apply([mean, logVariance])'],
  [[tf.zeros([2, 3]), tf.zeros([2, 4])], 'got [2, 3] and [2, 4]'],
  [[tf.zeros([2, 3]), tf.zeros([2, 3]), tf.zeros([2, 3])], 'got [2, 3] and [2, 3] and [2, 3]'],
])('refuses inputs that are not a mean and a log-variance: %#', (given, message) => {
  expect(() => new Sampling({ seed: 0 }).apply(given.length === 1 ? given[0]! : given)).toThrow(message);
});

it('leaves nothing behind but its results', () => {
  const layer = new Sampling({ seed: 0 });
  const [mean, logVariance] = inputs();
  draw(layer, mean, logVariance).dispose();
  const before = tf.memory().numTensors;
  draw(layer, mean, logVariance).dispose();
  tf.dispose(tf.grads((m, v) => draw(layer, m!, v!))([mean, logVariance]));
  expect(tf.memory().numTensors).toBe(before);
});
