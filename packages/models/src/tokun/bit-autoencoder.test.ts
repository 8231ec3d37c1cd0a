import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { bits, normal } from '@proj/distributions/random';
import { beforeEach, expect, it } from 'vitest';
import { BitAutoencoder, type BitAutoencoderConfig, closedFormBits } from './bit-autoencoder.ts';

const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const random = (shape: number[], seed = 0) =>
  tf.tensor(
    Int32Array.from(bits(tf.util.sizeFromShape(shape), seed), (word) => word & 255),
    shape,
    'int32',
  );

/** A model with the weights of the closed form. */
function oracle(config: BitAutoencoderConfig, margin?: number): BitAutoencoder {
  const model = new BitAutoencoder(config);
  const { embedding, kernel, bias } = closedFormBits(config, margin);
  const names = { 'encoder/embedding': embedding, 'decoder/kernel': kernel, 'decoder/bias': bias } as const;
  for (const [name, values] of Object.entries(names)) {
    const weight = model.weights[name as keyof typeof names];
    tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
  }
  return model;
}

beforeEach(() => tf.setBackend('cpu'));

// The archives of systems.md 1b.2.
it.each([
  [1, 8, 2120],
  [3, 8, 2648],
  [4, 8, 3104],
  [1, 64, 16_904],
  [3, 64, 21_016],
  [4, 64, 24_608],
])('tokens of %i bytes, %i numbers a byte: %i parameters', (token, embedding, params) => {
  const model = new BitAutoencoder({ token, embedding });
  expect(model.countParams()).toBe(params);
  expect(model.describe().reduce((sum, row) => sum + row.params, 0)).toBe(params);
  const shapes = Object.values(model.weights).map(({ shape }) => shape);
  expect(shapes).toEqual([[256, embedding], [token * embedding, 8 * token], [8 * token]]);
  model.dispose();
});

// systems.md 1b.1: 2.2745 E at the start; the means are not quite 0, which adds about E / 512.
it.each([
  [8, 18.2],
  [64, 145.57],
])('E = %i: the divergence begins at %f, and the bits at ln 2 each', (embedding, divergence) => {
  const model = new BitAutoencoder({ embedding, token: 2 });
  tf.tidy(() => {
    const table = model.weights['encoder/embedding'] as tf.Tensor as tf.Tensor2D;
    const squares = tf.sub(tf.matMul(table, table, true), tf.eye(embedding));
    expect(tf.max(tf.abs(squares)).dataSync()[0]).toBeLessThan(1e-5); // semi-orthogonal
    const found = model.divergence().dataSync()[0]!;
    expect(Math.abs(found / divergence - 1)).toBeLessThan(0.01);
    expect(model.loss(random([6])).dataSync()[0]!).toBeCloseTo(found + Math.LN2, 4);
    expect(numbers(model.evaluate(random([4])).nats)[0]).toBeCloseTo(8 * Math.LN2, 5);
  });
  model.dispose();
});

// By hand: KL of N(3, 4) from N(0, 1) is 0.5 (4 + 9 - 1 - ln 4).
it('the divergence counts means and variances', () => {
  const model = new BitAutoencoder({ embedding: 2 });
  tf.tidy(() => {
    const table = Float32Array.from({ length: 512 }, (_, i) => (i & 2 ? 5 : 1));
    model.weights['encoder/embedding'].assign(tf.tensor2d(table, [256, 2]));
    expect(model.divergence().dataSync()[0]).toBeCloseTo(12 - Math.log(4), 4);
  });
  model.dispose();
});

it.each([
  [1, 8],
  [3, 8],
  [4, 8],
  [1, 64],
  [4, 64],
])('closed form, T = %i, E = %i: every byte at every place, divergence 0, logits +-15', (token, embedding) => {
  const model = oracle({ token, embedding, seed: 3 });
  tf.tidy(() => {
    const all = Int32Array.from({ length: 256 * token }, (_, i) => (i * 7 + (i >> 8)) & 255);
    const bytes = tf.tensor1d(all, 'int32');
    expect(new Set(all).size).toBe(256);
    expect(numbers(model.reconstruct(bytes))).toEqual([...all]);
    expect(Math.abs(model.divergence().dataSync()[0]!)).toBeLessThan(1e-4);
    const logits = numbers(model.logits(model.encode(bytes)));
    expect(Math.max(...logits.map((x) => Math.abs(Math.abs(x) - 15)))).toBeLessThan(1e-3);
    // Closed form: a bit of margin 15 has softplus(-15) nats.
    expect(numbers(model.evaluate(bytes).nats)[0]).toBeCloseTo(8 * Math.log1p(Math.exp(-15)), 8);
    expect(model.loss(bytes).dataSync()[0]).toBeLessThan(2e-4);
  });
  model.dispose();
});

// 0x41 is 01000001.
it('the most significant bit is the first', () => {
  const model = oracle({});
  tf.tidy(() => {
    const logits = numbers(model.logits(model.encode(tf.tensor1d([0x41], 'int32'))));
    expect(logits.map((x) => (x > 0 ? 1 : 0)).join('')).toBe('01000001');
  });
  model.dispose();
});

it('shapes: tokens of vectors, bytes back', () => {
  const model = new BitAutoencoder({ token: 4, embedding: 8 });
  tf.tidy(() => {
    const z = model.encode(random([64, 12]));
    expect([z.shape, model.logits(z).shape, model.decode(z).shape]).toEqual([
      [64, 3, 32],
      [64, 3, 32],
      [64, 12],
    ]);
  });
  model.dispose();
});

it('gradients are those of finite differences', () => {
  const model = new BitAutoencoder({ token: 2, embedding: 4 });
  for (const [i, weight] of Object.values(model.weights).entries()) {
    tf.tidy(() => weight.assign(tf.tensor(normal(weight.size, i), weight.shape)));
  }
  const bytes = random([20]);
  const entries = Object.entries(model.weights);
  const { value, grads } = tf.variableGrads(
    () => model.loss(bytes),
    entries.map(([, weight]) => weight),
  );
  for (const [name, weight] of entries) {
    const values = weight.dataSync().slice();
    const at = name === 'encoder/embedding' ? 4 * bytes.dataSync()[0]! : 1;
    const loss = (delta: number) =>
      tf.tidy(() => {
        const moved = values.slice();
        moved[at] = moved[at]! + delta;
        weight.assign(tf.tensor(moved, weight.shape));
        return model.loss(bytes).dataSync()[0]!;
      });
    const slope = (loss(1e-2) - loss(-1e-2)) / 2e-2;
    tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
    expect(Math.abs(grads[weight.name]!.dataSync()[at]! - slope), name).toBeLessThan(1e-3);
  }
  tf.dispose([value, grads, bytes]);
  model.dispose();
});

it('sample draws bytes; temperature 0 is decode', async () => {
  const model = oracle({}, 0.5);
  const z = tf.tidy(() => model.encode(tf.fill([4000], 0x41, 'int32')));
  expect(new Set(await model.sample(z, { seed: 0, temperature: 0 }))).toEqual(new Set([0x41]));
  const drawn = await model.sample(z, { seed: 1 });
  const p = (1 / (1 + Math.exp(-0.5))) ** 8;
  const share = drawn.filter((byte) => byte === 0x41).length / 4000;
  expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 4000)); // 5 standard errors
  z.dispose();
  model.dispose();
});

it('leaves nothing behind but its results', () => {
  const before = tf.memory().numTensors;
  const model = new BitAutoencoder({ token: 2 });
  expect(tf.memory().numTensors).toBe(before + 3);
  const bytes = random([8]);
  const z = model.encode(bytes);
  tf.dispose([model.loss(bytes), model.divergence(), model.logits(z), model.decode(z), model.reconstruct(bytes)]);
  tf.dispose([...Object.values(model.evaluate(bytes)), z, bytes]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses what does not fit', () => {
  expect(() => new BitAutoencoder({ embedding: 257 })).toThrow('embedding must be at most 256');
  expect(() => closedFormBits({ embedding: 7 })).toThrow('embedding must be from 8 to 255, got 7');
  const model = new BitAutoencoder({ token: 3 });
  expect(() => model.encode(random([4]))).toThrow('N a multiple of 3 and one token or more, got [4]');
  expect(() => model.encode(tf.zeros([3]))).toThrow(TypeError);
  expect(() => model.decode(tf.zeros([2, 8]))).toThrow('vectors must be [..., M, 24], one or more, got [2, 8]');
  model.dispose();
});
