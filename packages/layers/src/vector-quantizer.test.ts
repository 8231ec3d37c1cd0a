import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { expectGolden } from './fixtures/golden.ts';
import { codePerplexity, VectorQuantizer, type VectorQuantizerArgs, vectorQuantize } from './vector-quantizer.ts';

// Golden: nearest codes by torch.cdist, straight through by detach, mse losses, fixtures/layers.py. The gradients by x are those of
// the output and the commitment alone, those by the codebook of the codebook loss alone.
it('is that of PyTorch, and so are its gradients', () => {
  expectGolden('vector quantisation', ({ x, codebook }) => {
    const { quantized, codebookLoss, commitmentLoss } = vectorQuantize(x!, codebook!);
    return tf.concat([tf.reshape(quantized, [-1]), tf.stack([codebookLoss, tf.mul(0.25, commitmentLoss)])]);
  });
});

const CODES = () => tf.tensor2d([0, 0, 10, 0, 0, 10, 0, 10], [4, 2]);

it('takes the nearest code, of equal ones the first', () => {
  const x = tf.tensor3d([1, 2, 9, -1, 0, 8, 5, 0], [2, 2, 2]);
  const { quantized, indices } = vectorQuantize(x, CODES());
  expect(indices.dtype).toBe('int32');
  expect(indices.arraySync()).toEqual([
    [0, 1],
    [2, 0],
  ]);
  expect([...quantized.dataSync()]).toEqual([0, 0, 10, 0, 0, 10, 0, 0]);
});

/** A layer whose codes are those above. */
function layerOf(args: Partial<VectorQuantizerArgs> = {}): VectorQuantizer {
  const layer = new VectorQuantizer({ codes: 4, ...args });
  layer.build([null, 2]);
  const weights = layer.getWeights();
  layer.setWeights(weights.map((w) => (w.shape[1] === 2 ? CODES() : w)));
  return layer;
}
const weightOf = (layer: VectorQuantizer, name: 'codebook' | 'usage') =>
  layer.weights[name === 'codebook' ? 0 : 1]!.read().arraySync();

it('encodes and decodes', () => {
  const layer = layerOf();
  const indices = layer.encode(tf.tensor2d([9, 1, 1, 9], [2, 2]));
  expect(indices.arraySync()).toEqual([1, 2]);
  expect(layer.decode(indices).arraySync()).toEqual([
    [10, 0],
    [0, 10],
  ]);
});

it('hands its loss to the model, commitment weighed, once a training step', () => {
  const x = tf.tensor2d([1, 0, 10, 2], [2, 2]); // squares 1 and 4 of four numbers: mean 1.25
  const layer = layerOf({ commitment: 0.5 });
  layer.apply(x);
  expect(layer.calculateLosses()).toEqual([]);
  layer.apply(x, { training: true });
  expect(layer.calculateLosses().map((loss) => loss.dataSync()[0])).toEqual([1.25 * 1.5]);
  expect(layer.calculateLosses()).toEqual([]);
  const averaged = layerOf({ commitment: 0.5, useMovingAverage: true });
  averaged.apply(x, { training: true });
  expect(averaged.calculateLosses().map((loss) => loss.dataSync()[0])).toEqual([1.25 * 0.5]);
});

// By hand, decay 0.5: code 0 is chosen by (1, 0) and (3, 2): usage 0.5 + 0.5 * 2 = 1.5, sums 0.5 (0, 0) + 0.5 (4, 2) = (2, 1);
// code 1 by (10, 4): usage 1, sums 0.5 (10, 0) + 0.5 (10, 4) = (10, 2). The others keep their place.
it('moving averages follow the inputs, in training alone', () => {
  const layer = layerOf({ useMovingAverage: true, decay: 0.5 });
  const x = tf.tensor2d([1, 0, 3, 2, 10, 4], [3, 2]);
  layer.apply(x);
  expect(weightOf(layer, 'codebook')).toEqual(CODES().arraySync());
  const before = tf.memory().numTensors;
  (layer.apply(x, { training: true }) as tf.Tensor).dispose();
  tf.dispose(layer.calculateLosses());
  expect(tf.memory().numTensors).toBe(before);
  expect(weightOf(layer, 'usage')).toEqual([1.5, 1, 0.5, 0.5]);
  const codebook = (weightOf(layer, 'codebook') as number[][]).flat();
  const golden = [2 / 1.5, 1 / 1.5, 10, 2, 0, 10, 0, 10];
  for (const [i, value] of codebook.entries()) expect(value).toBeCloseTo(golden[i]!, 5);
  expect(layer.trainableWeights).toEqual([]);
});

it.each([false, true])('restarts dead codes at vectors of the batch: moving averages %s', (useMovingAverage) => {
  const rows = [
    [1, 0],
    [3, 2],
    [10, 4],
  ];
  const restarted = (seed: number) => {
    const layer = layerOf({ useMovingAverage, decay: 0.5, restartBelow: 0.6, seed });
    layer.apply(tf.tensor2d(rows), { training: true });
    return { codebook: weightOf(layer, 'codebook') as number[][], usage: weightOf(layer, 'usage'), layer };
  };
  const { codebook, usage, layer } = restarted(0);
  // Codes 0 and 1 live; 2 and 3, at usage 0.5, are dead, and count as used again.
  expect(usage).toEqual([1.5, 1, 1, 1]);
  expect(codebook[1]).toEqual(useMovingAverage ? [10, 2] : [10, 0]);
  for (const code of [2, 3]) expect(rows).toContainEqual(codebook[code]);
  expect(restarted(0).codebook).toEqual(codebook);
  const places = Array.from({ length: 20 }, (_, seed) => JSON.stringify(restarted(seed).codebook.slice(2)));
  expect(new Set(places).size).toBeGreaterThan(4); // of 9
  // A moving average starts over where the code is now.
  const before = codebook[3]!;
  layer.apply(tf.tensor2d([before, before]), { training: true });
  expect((weightOf(layer, 'codebook') as number[][]).some((code) => String(code) === String(before))).toBe(true);
});

it('leaves codes alone unless asked to restart them', () => {
  const layer = layerOf({ decay: 0 });
  layer.apply(tf.ones([3, 2]), { training: true });
  expect(weightOf(layer, 'usage')).toEqual([3, 0, 0, 0]);
  expect(weightOf(layer, 'codebook')).toEqual(CODES().arraySync());
});

// Three clusters, codes that all start at 0, where one of them would get everything.
it.each([false, true])('model.fit finds clusters through it: moving averages %s', async (useMovingAverage) => {
  const centres = [5, -5, 0, 5, 5, 5];
  const x = tf.tidy(() => {
    const which = tf.tensor1d(
      Array.from({ length: 60 }, (_, i) => i % 3),
      'int32',
    );
    const noise = tf.randomNormal([60, 2], 0, 0.1, 'float32', 1);
    return tf.add(tf.gather(tf.tensor2d(centres, [3, 2]), which), noise);
  });
  const quantizer = new VectorQuantizer({
    codes: 6,
    useMovingAverage,
    decay: 0.8,
    restartBelow: 0.5,
    initializer: 'zeros',
  });
  const inputs = input({ shape: [2] });
  const scale = layers.dense({ units: 2, kernelInitializer: 'identity', useBias: false });
  const outputs = quantizer.apply(scale.apply(inputs)) as SymbolicTensor;
  const net = model({ inputs, outputs });
  net.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  await net.fit(x, x, { epochs: 15, batchSize: 20, shuffle: false, verbose: 0 });
  const error = tf.mean(tf.squaredDifference(net.predict(x) as tf.Tensor, x)).dataSync()[0]!;
  expect(error).toBeLessThan(0.5); // without restarts 17 and 3.3, where no two clusters share a code it is 0.01
  const perplexity = codePerplexity(quantizer.encode(scale.apply(x) as tf.Tensor), 6).dataSync()[0]!;
  expect(perplexity).toBeGreaterThan(2.9); // all three clusters, of one size each, have codes of their own
});

it('codePerplexity counts the codes in use', () => {
  const of = (codes: number[], count: number) => codePerplexity(tf.tensor1d(codes, 'int32'), count).dataSync()[0]!;
  expect(of([0, 1, 2, 3], 4)).toBeCloseTo(4, 5);
  expect(of([2, 2, 2], 4)).toBeCloseTo(1, 6);
  // exp of the entropy of (3/4, 1/4).
  expect(of([0, 0, 0, 1], 9)).toBeCloseTo(Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25))), 5);
  expect(() => of([0], 0)).toThrow('codePerplexity: codes must be a positive integer, got 0.');
});

it.each<[Partial<VectorQuantizerArgs>, string]>([
  [{ codes: 0 }, 'VectorQuantizer: codes must be a positive integer, got 0.'],
  [{ commitment: -1 }, 'VectorQuantizer: commitment must be a number from 0, got -1.'],
  [{ restartBelow: Number.NaN }, 'VectorQuantizer: restartBelow must be a number from 0, got NaN.'],
  [{ seed: 0.5 }, 'VectorQuantizer: seed must be a non-negative safe integer, got 0.5.'],
  [{ decay: 1 }, 'VectorQuantizer: decay must be from 0 and below 1, got 1. Omit it to use 0.99.'],
])('refuses %o', (args, message) => {
  const make = () => new VectorQuantizer({ codes: 4, ...args });
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});

it('refuses vectors of another length', () => {
  expect(() => vectorQuantize(tf.ones([2, 3]), CODES())).toThrow(RangeError);
  expect(() => vectorQuantize(tf.ones([2, 3]), CODES())).toThrow(
    'x must be [..., D] and the codebook [K, D], got [2, 3] and [4, 2].',
  );
  expect(() => new VectorQuantizer({ codes: 4 }).build([null])).toThrow(
    'the input must be [B, ..., D] with a known D, got [].',
  );
});
