import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { bits } from '@proj/distributions/random';
import { beforeEach, expect, it } from 'vitest';
import { ByteVae } from './byte-vae.ts';
import type { ByteVaeConfig } from './config.ts';
import { upsample, usualGroups } from './unet.ts';

const SMALL: ByteVaeConfig = { side: 4, embedding: 4, token: 2, widths: [8], heads: 2 };
const random = (shape: number[], seed = 0) =>
  tf.tensor(
    Int32Array.from(bits(tf.util.sizeFromShape(shape), seed), (word) => word & 255),
    shape,
    'int32',
  );
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());

beforeEach(() => tf.setBackend('cpu'));

// systems.md 1b.4 without the projections that are never used: 15,495,680 + 7,283,552 by its layers.
it('the reference sizes have 22,779,232 parameters and a latent of 4 x 4 x 256', () => {
  const model = new ByteVae();
  expect(model.countParams()).toBe(22_779_232);
  const rows = model.describe();
  const sum = (part: string) =>
    rows.filter(({ name }) => name.startsWith(part)).reduce((total, { params }) => total + params, 0);
  expect([sum('encoder/'), sum('decoder/')]).toEqual([15_495_680, 7_283_552]);
  expect(rows.find(({ name }) => name === 'encoder/block4')!.outputShape).toEqual([null, 4, 4, 512]);
  expect(rows.at(-1)!.outputShape).toEqual([null, 32, 32, 8]);
  model.dispose();
});

it('shapes: a place of the latent for every 2 x 2 of tokens', () => {
  const model = new ByteVae(SMALL);
  tf.tidy(() => {
    const x = random([3, 4, 4, 2]);
    const { loc, logVariance } = model.posterior(x);
    expect([loc.shape, logVariance.shape]).toEqual([
      [3, 2, 2, 8],
      [3, 2, 2, 8],
    ]);
    expect(model.logits(loc).shape).toEqual([3, 4, 4, 16]);
    expect([model.decode(loc).shape, model.decode(loc).dtype]).toEqual([[3, 4, 4, 2], 'int32']);
    const { nats, decoded, kl } = model.evaluate(x);
    expect([nats.shape, decoded.shape, kl.shape]).toEqual([[3, 4, 4, 2], [3, 4, 4, 2], [3]]);
    expect(numbers(decoded)).toEqual(numbers(model.reconstruct(x)));
    const halves = tf.concat([model.encode(tf.slice(x, 0, 1)), model.encode(tf.slice(x, 1, 2))]);
    expect(tf.max(tf.abs(tf.sub(halves, loc))).dataSync()[0]).toBeLessThan(1e-4); // images do not see each other
  });
  model.dispose();
});

// Closed form: half-pixel centres take 3/4 of the near place and 1/4 of the next; Keras 3 UpSampling2D(interpolation='bilinear').
it('upsample is bilinear with half-pixel centres', () => {
  tf.tidy(() => {
    const x = tf.tensor4d([0, 4, 8, 12], [1, 2, 2, 1]);
    expect(numbers(upsample(x))).toEqual([0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12]);
    const image = tf.randomNormal<tf.Rank.R4>([2, 3, 5, 4], 0, 1, 'float32', 1);
    const golden = tf.image.resizeBilinear(image, [6, 10], false, true);
    expect(tf.max(tf.abs(tf.sub(upsample(image), golden))).dataSync()[0]).toBeLessThan(1e-6);
  });
});

it('groups where none are given', () => {
  expect([8, 64, 512].map(usualGroups)).toEqual([2, 8, 16]);
});

it('the loss is nats a bit and the KL a place, by hand', () => {
  const model = new ByteVae({ ...SMALL, dropout: 0 });
  tf.tidy(() => {
    const x = random([2, 4, 4, 2]);
    // A posterior without width: the draw is its mean, and its KL is known.
    const last = model.weights['encoder/block2/residual2/shortcut/bias']!;
    last.assign(tf.concat([tf.zeros([8]), tf.fill([8], -40)])); // clamped at -30
    const { loc, logVariance } = model.posterior(x);
    expect(numbers(logVariance).every((v) => v === -30)).toBe(true);
    const kl = numbers(loc).reduce((sum, m) => sum + 0.5 * (m * m + Math.exp(-30) - 1 + 30), 0) / (2 * 4);
    const { nats } = model.evaluate(x);
    const mean = numbers(nats).reduce((a, b) => a + b, 0) / nats.size / 8;
    const found = model.loss(x, 1, { beta: 0.1 }).dataSync()[0]!;
    expect(Math.abs(found - (mean + 0.1 * kl))).toBeLessThan(1e-4 * found);
    const sums = numbers(model.evaluate(x).kl).reduce((a, b) => a + b, 0);
    expect(Math.abs(sums / 8 - kl)).toBeLessThan(1e-4 * kl);
  });
  model.dispose();
});

it('dropout draws from the seed, and only in the loss', () => {
  const model = new ByteVae({ ...SMALL, dropout: 0.5 });
  tf.tidy(() => {
    const x = random([2, 4, 4, 2]);
    const loss = (seed: number) => model.loss(x, seed).dataSync()[0]!;
    expect(loss(1)).toBe(loss(1));
    expect(loss(1)).not.toBe(loss(2));
    expect(numbers(model.encode(x))).toEqual(numbers(model.encode(x)));
  });
  model.dispose();
});

it('gradients are those of finite differences, for every weight', () => {
  const model = new ByteVae({ ...SMALL, token: 1, dropout: 0 });
  const x = random([1, 4, 4, 1]);
  const entries = Object.entries(model.weights);
  const { value, grads } = tf.variableGrads(
    () => model.loss(x, 2),
    entries.map(([, weight]) => weight),
  );
  for (const [name, weight] of entries) {
    const values = weight.dataSync().slice();
    const at = name === 'encoder/embedding' ? 4 * x.dataSync()[0]! : Math.min(1, weight.size - 1);
    const loss = (delta: number) =>
      tf.tidy(() => {
        const moved = values.slice();
        moved[at] = moved[at]! + delta;
        weight.assign(tf.tensor(moved, weight.shape));
        return model.loss(x, 2).dataSync()[0]!;
      });
    const slope = (loss(5e-3) - loss(-5e-3)) / 1e-2;
    tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
    const gradient = grads[weight.name]!.dataSync()[at]!;
    expect(Math.abs(gradient - slope), name).toBeLessThan(2e-3 + 0.02 * Math.abs(slope));
  }
  tf.dispose([value, grads, x]);
  model.dispose();
});

it('leaves nothing behind but its results', () => {
  const before = tf.memory().numTensors;
  const model = new ByteVae(SMALL);
  expect(tf.memory().numTensors).toBe(before + Object.keys(model.weights).length);
  const x = random([1, 4, 4, 2]);
  const z = model.encode(x);
  tf.dispose([model.loss(x, 0), model.logits(z), model.decode(z), model.reconstruct(x), z]);
  tf.dispose([...Object.values(model.evaluate(x)), ...Object.values(model.posterior(x)), x]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses what does not fit', () => {
  expect(() => new ByteVae({ side: 12 })).toThrow('side must be a multiple of 8 for 3 widths, got 12');
  expect(() => new ByteVae({ widths: [] })).toThrow('widths must be one positive integer or more');
  expect(() => new ByteVae({ dropout: 1 })).toThrow('dropout must be from 0 and below 1, got 1');
  const model = new ByteVae(SMALL);
  expect(() => model.loss(random([1, 4, 4, 1]), 0)).toThrow(
    'bytes must be [B, 4, 4, 2] with B at least 1, got [1, 4, 4, 1]',
  );
  expect(() => model.encode(tf.zeros([1, 4, 4, 2]))).toThrow(TypeError);
  expect(() => model.decode(tf.zeros([1, 4, 4, 8]))).toThrow('codes must be [B, 2, 2, 8] with B at least 1');
  model.dispose();
});
