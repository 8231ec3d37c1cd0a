import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { Adam } from './adam.ts';

const gradientAt = (step: number, size: number) => normal(size, 100 + step).map((g) => g * 10 ** ((step % 5) - 2));
const variable = (numbers: ArrayLike<number>) => tf.variable(tf.tensor1d(Float32Array.from(numbers)));

/** Algorithm 1 of arXiv:1412.6980 in float64, with the corrections as they stand there. */
function reference(w: number[], steps: number, lr: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): number[] {
  const m = w.map(() => 0);
  const v = w.map(() => 0);
  for (let t = 1; t <= steps; t++) {
    const g = gradientAt(t, w.length);
    for (let i = 0; i < w.length; i++) {
      m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
      v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
      const mHat = m[i]! / (1 - beta1 ** t);
      const vHat = v[i]! / (1 - beta2 ** t);
      w[i]! -= (lr * mHat) / (Math.sqrt(vHat) + epsilon);
    }
  }
  return w;
}

function run(adam: Adam, from: number, to: number, size: number, lr: number): void {
  for (let t = from; t <= to; t++) {
    const w = tf.tensor1d(gradientAt(t, size));
    adam.update({ w }, lr);
    w.dispose();
  }
}

it.each([
  { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  { beta1: 0, beta2: 0.5, epsilon: 0.1 },
])('follows the paper in float64: %o', (options) => {
  const start = [...normal(20, 1)];
  const w = variable(start);
  run(new Adam({ w }, options), 1, 50, 20, 0.01);
  const expected = reference(start, 50, 0.01, options.beta1, options.beta2, options.epsilon);
  // 50 float32 roundings of numbers of size 1 to 3: at most 50 * 2^-23 = 6e-6.
  for (const [i, got] of w.dataSync().entries()) expect(Math.abs(got - expected[i]!)).toBeLessThan(6e-6);
});

// Closed form: with a constant gradient both corrected moments are g and g^2, so that every step is lr * |g| / (|g| + epsilon).
it('steps by the learning rate under a constant gradient, whatever its size', () => {
  const w = variable([0, 0, 0, 0]);
  const adam = new Adam({ w }, { epsilon: 1e-3 });
  const gradient = tf.tensor1d([1e-3, 1, -1000, 0]);
  for (let t = 0; t < 3; t++) adam.update({ w: gradient }, 0.01);
  const expected = [-3 * 0.005, (-3 * 0.01) / 1.001, (3 * 0.01 * 1000) / 1000.001, 0];
  for (const [i, got] of w.dataSync().entries()) expect(got).toBeCloseTo(expected[i]!, 7);
});

it('equals tf.train.adam to float32 error', () => {
  const start = normal(10, 2);
  const ours = variable(start);
  const theirs = variable(start);
  const adam = new Adam({ ours });
  const optimizer = tf.train.adam(0.02, 0.9, 0.999, 1e-7);
  for (let t = 1; t <= 30; t++) {
    const gradient = tf.tensor1d(gradientAt(t, 10));
    adam.update({ ours: gradient }, 0.02);
    optimizer.applyGradients([{ name: theirs.name, tensor: gradient }]);
  }
  const want = theirs.dataSync();
  for (const [i, got] of ours.dataSync().entries()) expect(Math.abs(got - want[i]!)).toBeLessThan(3e-5);
});

it('scales the gradient as it is told', async () => {
  const [w, x] = [variable([1, 2]), variable([1, 2])];
  const [a, b] = [new Adam({ w }), new Adam({ w: x })];
  a.update({ w: tf.tensor1d([4, -2]) }, 0.1, 0.25);
  b.update({ w: tf.tensor1d([1, -0.5]) }, 0.1);
  expect(w.dataSync()).toEqual(x.dataSync());
  expect(await a.state()).toEqual(await b.state());
});

// Closed form: the norm of (3, 0) and -4 is 5.
it('clips to the global norm', async () => {
  const [a, b] = [variable([1, 2]), variable([3])];
  const [x, y] = [variable([1, 2]), variable([3])];
  const [clipped, scaled] = [new Adam({ a, b }), new Adam({ a: x, b: y })];
  const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor1d([-4]) };
  for (const clipNorm of [2.5, 5, 10]) {
    const before = tf.memory().numTensors;
    expect(await clipped.clippedUpdate(gradients, 0.1, clipNorm)).toBe(5);
    expect(tf.memory().numTensors).toBe(before);
    scaled.update(gradients, 0.1, clipNorm === 2.5 ? 0.5 : 1);
    expect([...a.dataSync(), ...b.dataSync()]).toEqual([...x.dataSync(), ...y.dataSync()]);
  }
  expect(await clipped.state()).toEqual(await scaled.state());
  expect(await clipped.clippedUpdate({}, 0.1, 1)).toBe(0);
});

it.each([Number.NaN, Number.NEGATIVE_INFINITY])('makes no step where it clips and a gradient is %d', async (bad) => {
  const w = variable([1, 2]);
  const adam = new Adam({ w });
  const state = await adam.state();
  expect(await adam.clippedUpdate({ w: tf.tensor1d([1, bad]) }, 0.1, 1)).toBe(Math.abs(bad));
  expect([...w.dataSync()]).toEqual([1, 2]);
  expect(await adam.state()).toEqual(state);
});

it('refuses to clip to nothing', async () => {
  await expect(new Adam({}).clippedUpdate({}, 0.1, 0)).rejects.toThrow(
    new RangeError('Adam: clipNorm must be positive, got 0. For none, use update.'),
  );
});

it('goes on from a restored state as if nothing had been between', async () => {
  const whole = variable(normal(8, 3));
  const adam = new Adam({ w: whole });
  run(adam, 1, 20, 8, 0.01);

  const first = variable(normal(8, 3));
  const before = new Adam({ w: first });
  run(before, 1, 7, 8, 0.01);
  const state = await before.state();
  expect(state.step).toBe(7);
  expect(Object.keys(state.tensors)).toEqual(['m/w', 'v/w']);
  const second = variable(first.dataSync());
  const after = new Adam({ w: second });
  run(after, 1, 3, 8, 0.5); // leftovers that restore must clear
  second.assign(first);
  after.restore(state);
  run(after, 8, 20, 8, 0.01);

  expect(second.dataSync()).toEqual(whole.dataSync());
  expect(await after.state()).toEqual(await adam.state());
});

it('gives state that later steps do not change', async () => {
  const w = variable([1, 2]);
  const adam = new Adam({ w });
  run(adam, 1, 2, 2, 0.1);
  const state = await adam.state();
  const kept = structuredClone(state);
  run(adam, 3, 4, 2, 0.1);
  expect(state).toEqual(kept);
  expect(await adam.state()).not.toEqual(kept);
});

it('leaves weights without a gradient and untrainable ones alone', async () => {
  const w = variable([1]);
  const frozen = tf.variable(tf.tensor1d([5]), false);
  const adam = new Adam({ w, frozen });
  adam.update({ w: undefined, frozen: tf.tensor1d([1]) }, 0.1);
  expect([w.dataSync()[0], frozen.dataSync()[0]]).toEqual([1, 5]);
  expect(Object.keys((await adam.state()).tensors)).toEqual(['m/w', 'v/w']);
});

it('holds two tensors a weight until it is disposed, however many steps and restores', async () => {
  const w = variable([1, 2, 3]);
  const before = tf.memory().numTensors;
  const adam = new Adam({ w });
  run(adam, 1, 5, 3, 0.1);
  adam.restore(await adam.state());
  expect(tf.memory().numTensors).toBe(before + 2);
  adam.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it.each([
  [{ beta1: 1 }, 'Adam: beta1 must be in [0, 1), got 1.'],
  [{ beta2: -0.1 }, 'Adam: beta2 must be in [0, 1), got -0.1.'],
  [{ epsilon: Number.NaN }, 'Adam: epsilon must be positive, got NaN. Omit it to use 1e-7.'],
])('refuses %o', (options, message) => {
  expect(() => new Adam({}, options)).toThrow(new RangeError(message));
});
