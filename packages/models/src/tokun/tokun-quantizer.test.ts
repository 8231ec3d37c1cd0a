import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { bits } from '@proj/distributions/random';
import { beforeEach, expect, it } from 'vitest';
import { TokunQuantizer, type TokunQuantizerConfig } from './tokun-quantizer.ts';

const SMALL: TokunQuantizerConfig = { groups: [2, 2], dim: 8, codes: 6, slots: 4 };
const random = (shape: number[], seed = 0) =>
  tf.tensor(
    Int32Array.from(bits(tf.util.sizeFromShape(shape), seed), (word) => word & 255),
    shape,
    'int32',
  );
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());

beforeEach(() => tf.setBackend('cpu'));

it('its weights: the auto-encoder, the codebook and its averages', () => {
  const model = new TokunQuantizer();
  // 512 codes of 16 numbers, as many sums, 512 counts.
  expect(model.countParams()).toBe(1_188_608 + 2 * 512 * 16 + 512);
  expect(model.describe().reduce((sum, { params }) => sum + params, 0)).toBe(model.countParams());
  expect(model.describe().map(({ name }) => name)[3]).toBe('quantizer');
  const trainable = Object.entries(model.weights).filter(([, weight]) => !weight.trainable);
  expect(trainable.map(([name]) => name)).toEqual(['quantizer/codebook', 'quantizer/usage', 'quantizer/sums']);
  model.dispose();
});

it('the same seed gives the same first weights, the codebook too', () => {
  const [one, same, other] = [3, 3, 4].map((seed) => {
    const model = new TokunQuantizer({ ...SMALL, seed });
    const codebook = numbers(model.weights['quantizer/codebook']!);
    model.dispose();
    return codebook;
  });
  expect(same).toEqual(one);
  expect(other).not.toEqual(one);
});

it('every part of a vector is the nearest code', () => {
  const model = new TokunQuantizer(SMALL);
  tf.tidy(() => {
    const bytes = random([3, 8]);
    model.start(bytes, 1);
    const codebook = model.weights['quantizer/codebook']!.arraySync() as number[][];
    const [raw, found] = [numbers(model.autoencoder.encode(bytes)), numbers(model.encode(bytes))];
    const codes = model.encodeToCodes(bytes);
    expect(codes.shape).toEqual([3, 2, 4]);
    numbers(codes).forEach((code, i) => {
      const part = raw.slice(2 * i, 2 * i + 2);
      const distances = codebook.map(([a, b]) => (a! - part[0]!) ** 2 + (b! - part[1]!) ** 2);
      expect(distances[code]! - Math.min(...distances)).toBeLessThan(1e-6);
      expect(found.slice(2 * i, 2 * i + 2)).toEqual(codebook[code]);
    });
    expect(numbers(model.decodeCodes(codes))).toEqual(numbers(model.decode(model.encode(bytes))));
    expect(numbers(model.evaluate(bytes).decoded)).toEqual(numbers(model.decodeCodes(codes)));
    expect(model.decodeCodes(codes).shape).toEqual([3, 8]);
    expect(model.evaluate(bytes).nats.shape).toEqual([3, 8]);
    const perplexity = model.codePerplexity(bytes).dataSync()[0]!;
    expect(perplexity).toBeGreaterThan(1);
    expect(perplexity).toBeLessThanOrEqual(6);
  });
  model.dispose();
});

// By hand from what the parts are: the loss is that of the quantised vectors, and a quarter of the squared distance to the codes.
it('the loss is the decoder’s, and the commitment', () => {
  const model = new TokunQuantizer(SMALL);
  tf.tidy(() => {
    const bytes = random([2, 8]);
    model.start(bytes, 1);
    const [raw, quantized] = [model.autoencoder.encode(bytes), model.encode(bytes)];
    const commitment = tf.mean(tf.squaredDifference(raw, quantized)).dataSync()[0]!;
    const nats = model.autoencoder.decodingLoss(quantized, bytes).dataSync()[0]!;
    expect(commitment).toBeGreaterThan(1e-5);
    expect(model.loss(bytes).dataSync()[0]!).toBeCloseTo(nats + 0.25 * commitment, 5);
  });
  model.dispose();
});

it('gradients go straight through to the encoder; each loss moves the codebook', () => {
  const model = new TokunQuantizer(SMALL);
  const bytes = random([4, 8]);
  model.start(bytes, 1);
  const before = numbers(model.weights['quantizer/codebook']!);
  const { value, grads } = tf.variableGrads(() => model.loss(bytes));
  const embedding = model.weights['encoder/embedding']!;
  expect(Math.max(...numbers(grads[embedding.name]!).map(Math.abs))).toBeGreaterThan(1e-4);
  expect(numbers(model.weights['quantizer/codebook']!)).not.toEqual(before);
  expect(numbers(model.weights['quantizer/usage']!)).not.toEqual(Array(6).fill(1));
  tf.dispose([value, grads, bytes]);
  model.dispose();
});

it('leaves nothing behind', () => {
  const before = tf.memory().numTensors;
  const model = new TokunQuantizer(SMALL);
  const bytes = random([8]);
  model.start(bytes, 0);
  const made = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) tf.dispose([model.loss(bytes), model.encode(bytes), model.encodeToCodes(bytes)]);
  expect(tf.memory().numTensors).toBe(made);
  bytes.dispose();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses slots that do not divide the vector', () => {
  expect(() => new TokunQuantizer({ dim: 256, slots: 3 })).toThrow(
    new RangeError('TokunQuantizer: slots must divide dim, got 3 slots and dim 256. Use 16 and 256.'),
  );
});
