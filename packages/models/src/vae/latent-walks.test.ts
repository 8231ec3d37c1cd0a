import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { interpolate, normalQuantiles, traverse } from './latent-walks.ts';

const near = (got: tf.Tensor, expected: number[][], within = 1e-6) => {
  expect(got.shape).toEqual([expected.length, expected[0]!.length]);
  got.dataSync().forEach((v, i) => {
    expect(Math.abs(v - expected.flat()[i]!)).toBeLessThanOrEqual(within);
  });
};

// Golden: quantiles of 1/6, 1/2 and 5/6, tables.
it('normalQuantiles cut the normal distribution into equal shares', () => {
  const [low, middle, high] = normalQuantiles(3);
  expect(low).toBeCloseTo(-0.967421566, 6);
  expect(middle).toBe(0);
  expect(high).toBeCloseTo(0.967421566, 6);
  expect(() => normalQuantiles(0)).toThrow('normalQuantiles: n must be a positive integer, got 0.');
});

it('traverse changes one dimension and no other', () => {
  const code = tf.tensor1d([1, 2, 3]);
  const expected = [
    [1, -3, 3],
    [1, 0, 3],
    [1, 2.5, 3],
  ];
  expect(traverse(code, 1, [-3, 0, 2.5]).arraySync()).toEqual(expected);
  expect(traverse(tf.reshape(code, [1, 3]), 1, [-3, 0, 2.5]).arraySync()).toEqual(expected);
  expect(traverse(tf.tensor1d([1]), 0, [-3, 2]).arraySync()).toEqual([[-3], [2]]);
});

it('interpolate goes in a straight line from the one to the other', () => {
  const way = interpolate(tf.tensor1d([1, -2]), tf.tensor2d([[3, 6]]), 5);
  near(way, [
    [1, -2],
    [1.5, 0],
    [2, 2],
    [2.5, 4],
    [3, 6],
  ]);
});

// Golden: closed form, a quarter of a circle in steps of 30 degrees.
it('a spherical way keeps to the circle, in equal angles', () => {
  const r = Math.sqrt(3);
  near(
    interpolate(tf.tensor1d([2, 0]), tf.tensor1d([0, 2]), 4, { spherical: true }),
    [
      [2, 0],
      [r, 1],
      [1, r],
      [0, 2],
    ],
    1e-6,
  );
  // Other lengths: White's formula weighs the codes themselves; sin 45 / sin 90 of each.
  const half = Math.SQRT1_2;
  near(interpolate(tf.tensor1d([3, 0]), tf.tensor1d([0, 1]), 3, { spherical: true }), [
    [3, 0],
    [3 * half, half],
    [0, 1],
  ]);
});

it.each([
  ['equal', [1, 2], [1, 2]],
  ['parallel', [1, 2], [2, 4]],
  ['opposite', [1, 2], [-1, -2]],
])('a spherical way between %s codes is the straight one', (_, a, b) => {
  const [from, to] = [tf.tensor1d(a), tf.tensor1d(b)];
  near(interpolate(from, to, 5, { spherical: true }), interpolate(from, to, 5).arraySync(), 1e-6);
});

it('a spherical way from 0 is finite, and ends where it has to', () => {
  const way = interpolate(tf.zeros([2]), tf.tensor1d([0, 2]), 3, { spherical: true });
  near(way, [
    [0, 0],
    [0, Math.SQRT2],
    [0, 2],
  ]);
});

it.each([
  [() => traverse(tf.zeros([2, 3]), 0, [1]), 'code must be one code, [Z] or [1, Z], got [2, 3]'],
  [() => traverse(tf.zeros([3]), 3, [1]), 'dimension must be an integer from 0 to 2, got 3'],
  [() => traverse(tf.zeros([3]), 0.5, [1]), 'dimension must be an integer from 0 to 2, got 0.5'],
  [() => traverse(tf.zeros([3]), 0, []), 'values must be finite numbers, at least one, got []'],
  [() => traverse(tf.zeros([3]), 0, [1, Number.NaN]), 'got [1, NaN]'],
  [() => interpolate(tf.zeros([3]), tf.zeros([2]), 3), 'a and b must be of one size, got 3 and 2'],
  [() => interpolate(tf.zeros([3]), tf.zeros([3]), 1), 'steps must be an integer from 2, got 1'],
  [() => interpolate(tf.zeros([0]), tf.zeros([0]), 2), 'a must be one code, [Z] or [1, Z], got [0]'],
])('refuses what does not fit: %#', (call, message) => {
  expect(call).toThrow(RangeError);
  expect(call).toThrow(message);
});

it('leaves nothing behind but its results', () => {
  const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([2, 1])];
  const before = tf.memory().numTensors;
  tf.dispose([traverse(a, 0, [1, 2]), interpolate(a, b, 3), interpolate(a, b, 3, { spherical: true })]);
  expect(tf.memory().numTensors).toBe(before);
});
