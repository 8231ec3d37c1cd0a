import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { standardNormal, standardUniform } from '@proj/distributions';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'; // registers the gradients, too
import { expect, it } from 'vitest';
import { setWeights, train } from '../fixtures/training.ts';
import { Autoencoder, type AutoencoderConfig } from './autoencoder.ts';
import { readCodes, writeCodes } from './code-file.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const images = (count: number) => standardUniform([count, 6], 3) as tf.Tensor2D;
const tiny = (config: AutoencoderConfig = {}) => new Autoencoder({ imageShape: [2, 3, 1], ...config });
const farthest = (a: tf.Tensor, b: tf.Tensor) => value(tf.max(tf.abs(tf.sub(a, b))));

// Golden: 784-128-Z and Z-64-128-784 by arithmetic: 100,480 + 129 Z, 64 Z + 64 + 8,320 + 101,136 (systems.md 2.3).
it.each([
  [2, 210_386],
  [3, 210_579],
])('latent %i stores %i parameters', (latent, count) => {
  const model = new Autoencoder({ latent });
  expect(model.countParams()).toBe(count);
  expect(model.encoder.countParams() + model.decoder.countParams()).toBe(count);
  expect(
    model
      .describe()
      .map(({ params }) => params)
      .reduce((a, b) => a + b),
  ).toBe(count);
  model.dispose();
});

it('names its layers and weights', () => {
  const model = new Autoencoder();
  expect(model.describe().map(({ name, outputShape }) => [name, outputShape])).toEqual([
    ['encoder/hidden', [null, 128]],
    ['encoder/code', [null, 2]],
    ['decoder/hidden1', [null, 64]],
    ['decoder/hidden2', [null, 128]],
    ['decoder/logits', [null, 784]],
  ]);
  expect(Object.keys(model.weights)).toHaveLength(10);
  expect(model.weights['decoder/logits/kernel']?.shape).toEqual([128, 784]);
  model.dispose();
});

it.each([false, true])(
  'reconstruct is decode after encode, and the sub-models are the same functions: linear %s',
  (linear) => {
    const model = tiny({ linear, latent: 3 });
    const x = images(5);
    const codes = model.encode(x);
    expect(codes.shape).toEqual([5, 3]);
    expect(numbers(model.reconstruct(x))).toEqual(numbers(model.decode(codes)));
    expect(farthest(model.encoder.predict(x) as tf.Tensor, codes)).toBeLessThan(1e-6);
    const output = model.decoder.predict(codes) as tf.Tensor;
    expect(farthest(linear ? output : tf.sigmoid(output), model.decode(codes))).toBeLessThan(1e-6);
  },
);

it('codes are linear: they take both signs', () => {
  const signs = new Set(numbers(tf.sign(tiny().encode(images(50)))));
  expect(signs).toEqual(new Set([-1, 1]));
});

/** Through the format of tfjs-layers, in memory. */
async function saveAndLoad(model: LayersModel): Promise<LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return loadLayersModel(tf.io.fromMemory(saved!));
}

it('sub-models share the weights, and keep the values when saved and loaded', async () => {
  const model = tiny();
  const x = images(4);
  train(model, () => tf.clone(x), { steps: 3, rate: 0.01 });
  expect(farthest(model.encoder.predict(x) as tf.Tensor, model.encode(x))).toBeLessThan(1e-6); // trained with us
  const encoder = await saveAndLoad(model.encoder);
  const decoder = await saveAndLoad(model.decoder);
  const codes = encoder.predict(x) as tf.Tensor;
  expect(numbers(codes)).toEqual(numbers(model.encoder.predict(x) as tf.Tensor));
  expect(farthest(tf.sigmoid(decoder.predict(codes) as tf.Tensor), model.reconstruct(x))).toBeLessThan(1e-6);
  // A fresh model that is given the saved values is the old one, in all its parts.
  const twin = tiny({ seed: 8 });
  twin.encoder.setWeights(encoder.getWeights());
  twin.decoder.setWeights(decoder.getWeights());
  expect(numbers(twin.weights['encoder/code/kernel']!)).toEqual(numbers(model.weights['encoder/code/kernel']!));
  expect(numbers(twin.reconstruct(x))).toEqual(numbers(model.reconstruct(x)));
});

/** [B] in float64. */
const crossEntropy = (x: number[][], p: number[][]) =>
  x.map((row, i) => {
    const pixels = row.map((v, j) => v * Math.log(p[i]![j]!) + (1 - v) * Math.log(1 - p[i]![j]!));
    return -pixels.reduce((a, b) => a + b) / row.length;
  });
const squaredError = (x: number[][], p: number[][]) =>
  x.map((row, i) => row.reduce((sum, v, j) => sum + (v - p[i]![j]!) ** 2, 0) / row.length);
const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;

it('loss and evaluate are means over pixels, in float64 from the reconstruction', () => {
  const x = images(4);
  const model = tiny();
  const [want, reconstruction] = [x.arraySync(), model.reconstruct(x).arraySync()];
  const { mse, bce } = model.evaluate(x);
  for (const [i, golden] of crossEntropy(want, reconstruction).entries())
    expect(bce.arraySync()[i]).toBeCloseTo(golden, 5);
  for (const [i, golden] of squaredError(want, reconstruction).entries())
    expect(mse.arraySync()[i]).toBeCloseTo(golden, 5);
  expect(value(model.loss(x))).toBeCloseTo(average(crossEntropy(want, reconstruction)), 5);
  expect(value(model.loss(tf.tile(x, [7, 1])))).toBeCloseTo(value(model.loss(x)), 5);
});

it('with linear, the loss is the squared error, and pixels are clipped for the cross-entropy alone', () => {
  const model = tiny({ linear: true });
  const x = images(4);
  const mse = average(squaredError(x.arraySync(), model.reconstruct(x).arraySync()));
  expect(value(model.loss(x))).toBeCloseTo(mse, 5);
  setWeights(model, { 'decoder/logits/kernel': 0, 'decoder/logits/bias': [-3, 2, 0.5, 0.5, 0.5, 0.5] });
  const { mse: errors, bce } = model.evaluate(tf.tensor2d([[0, 1, 1, 1, 0, 0]]));
  expect(value(bce)).toBeCloseTo((4 * Math.LN2) / 6, 5);
  expect(value(errors)).toBeCloseTo((9 + 1 + 1) / 6, 5);
});

// 16 points of 6 pixels near a plane. PCA in float64 plain code, by power iteration on the covariance.
const DATA = tf.tidy(() => {
  const plane = tf.mul(
    0.15,
    tf.matMul(standardNormal([16, 2], 1) as tf.Tensor2D, standardNormal([2, 6], 2) as tf.Tensor2D),
  );
  return tf.add(tf.add(plane, tf.mul(0.05, standardNormal([16, 6], 3))), 0.5) as tf.Tensor2D;
});

function pcaError(rows: number[][], components: number): number {
  const d = rows[0]!.length;
  const mean = Array.from({ length: d }, (_, j) => average(rows.map((row) => row[j]!)));
  let rest = rows.map((row) => row.map((v, j) => v - mean[j]!));
  for (let c = 0; c < components; c++) {
    let axis = Array.from({ length: d }, (_, j) => 1 + j);
    for (let turn = 0; turn < 500; turn++) {
      const scores = rest.map((row) => row.reduce((sum, v, j) => sum + v * axis[j]!, 0));
      const next = axis.map((_, j) => rest.reduce((sum, row, i) => sum + row[j]! * scores[i]!, 0));
      const norm = Math.hypot(...next);
      axis = next.map((v) => v / norm);
    }
    rest = rest.map((row) => {
      const score = row.reduce((sum, v, j) => sum + v * axis[j]!, 0);
      return row.map((v, j) => v - score * axis[j]!);
    });
  }
  return average(rest.flat().map((v) => v * v));
}

it('with linear, training comes within 2 % of the PCA of the data, and not below', () => {
  const pca = pcaError(DATA.arraySync(), 2);
  const model = tiny({ linear: true });
  train(model, () => tf.clone(DATA), { steps: 120, rate: 1e-2 });
  train(model, () => tf.clone(DATA), { steps: 120, rate: 1e-3 });
  const mse = value(model.loss(DATA));
  expect(mse).toBeLessThan(1.02 * pca);
  expect(mse).toBeGreaterThan(pca * (1 - 1e-4)); // no linear code of two numbers can beat it
  // One byte a coordinate instead of four changes the error by less than 2 %.
  const codes = model.encode(DATA);
  const stored = readCodes(writeCodes({ data: Float32Array.from(numbers(codes)), shape: [16, 2] }));
  const decoded = model.decode(tf.tensor2d(stored.data, [16, 2]));
  const quantised = value(tf.mean(tf.squaredDifference(decoded, DATA)));
  expect(Math.abs(quantised / mse - 1)).toBeLessThan(0.02);
});

// Eight pictures, of which a code of two numbers keeps every bit. Pixels by themselves, each 1 in half of them, cost log 2.
it('learns eight pictures with two numbers: below a tenth of the mean image', () => {
  const bits = Array.from({ length: 8 }, (_, i) => [i & 1, i & 2, i & 4].flatMap((bit) => (bit ? [1, 0] : [0, 1])));
  const x = tf.tensor2d(bits);
  const model = tiny({ seed: 1 });
  train(model, () => tf.clone(x), { steps: 250, rate: 1e-2 });
  expect(value(model.loss(x))).toBeLessThan(0.1 * Math.LN2);
});

it('gradients agree with finite differences', () => {
  const model = tiny();
  const x = images(4);
  for (const weight of Object.values(model.weights)) if (weight.rank === 1) weight.assign(tf.fill(weight.shape, 0.05));
  const { grads } = tf.variableGrads(() => model.loss(x), Object.values(model.weights));
  for (const [name, weight] of Object.entries(model.weights)) {
    const gradient = grads[weight.name]!;
    const norm = value(tf.norm(gradient));
    const first = weight.clone();
    const at = (t: number) => {
      weight.assign(tf.add(first, tf.mul(gradient, t / norm)));
      return value(model.loss(x));
    };
    const slope = (at(0.002) - at(-0.002)) / 0.004;
    weight.assign(first);
    expect(norm, name).toBeGreaterThan(0);
    expect(Math.abs(slope - norm), name).toBeLessThan(0.05 * norm + 1e-4); // relu kinks and float32
  }
});

it('one seed, one model, and seed 0 is one of them', () => {
  const codes = (seed: number) => numbers(tiny({ seed }).encode(images(2)));
  expect(codes(0)).toEqual(codes(0));
  expect(codes(0)).not.toEqual(codes(1));
});

it('100 steps add no tensor, calls leave only their results, dispose leaves nothing', () => {
  const start = tf.memory().numTensors;
  const model = tiny();
  const x = images(4);
  const optimizer = tf.train.sgd(0.01);
  const step = () => optimizer.minimize(() => model.loss(x), false, Object.values(model.weights));
  step();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 100; i++) step();
  expect(tf.memory().numTensors).toBe(before);
  const codes = model.encode(x);
  const { mse, bce } = model.evaluate(x);
  const rest = [model.decode(codes), model.reconstruct(x), model.loss(x)];
  expect(tf.memory().numTensors).toBe(before + 6);
  tf.dispose([codes, mse, bce, rest, x]);
  model.dispose();
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(start);
});

it.each([
  [{ latent: 0 }, /latent must be a positive integer, got 0/],
  [{ seed: 1.5 }, /seed must be a non-negative safe integer, got 1.5/],
  [{ imageShape: [28, 28] as unknown as [number, number, number] }, /imageShape must be .* got \[28, 28\]/],
] as [AutoencoderConfig, RegExp][])('refuses %j', (config, message) => {
  expect(() => new Autoencoder(config)).toThrow(RangeError);
  expect(() => new Autoencoder(config)).toThrow(message);
});

it('refuses shapes that do not fit', () => {
  const model = tiny();
  const message = /Autoencoder: x must be \[B, 6\] with B at least 1, got \[2, 2, 3\]\. Flatten images of 2 x 3 x 1/;
  const x = tf.zeros([2, 2, 3]);
  for (const call of [
    () => model.loss(x),
    () => model.encode(x),
    () => model.reconstruct(x),
    () => model.evaluate(x),
  ]) {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  }
  expect(() => model.encode(tf.zeros([0, 6]))).toThrow(/got \[0, 6\]/);
  expect(() => model.decode(tf.zeros([2, 3]))).toThrow(/z must be \[B, 2\].*got \[2, 3\]/);
});
