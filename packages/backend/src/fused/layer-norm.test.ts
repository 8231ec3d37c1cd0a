import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { distance, values } from '../../tests/engines.ts';
import { differences } from '../../tests/float64.ts';
import { numbers, PLACES, run, startPlace, withoutLeaks } from '../../tests/fused.ts';

/** In float64, of flat arrays. */
function reference(x: readonly number[], gamma: readonly number[], beta: readonly number[], epsilon: number) {
  const d = gamma.length;
  const rows = Array.from({ length: x.length / d }, (_, i) => x.slice(i * d, (i + 1) * d));
  const mean = rows.map((row) => row.reduce((a, b) => a + b, 0) / d);
  const inverse = rows.map((row, i) => 1 / Math.sqrt(row.reduce((a, b) => a + (b - mean[i]!) ** 2, 0) / d + epsilon));
  const y = rows.flatMap((row, i) => row.map((v, j) => (v - mean[i]!) * inverse[i]! * gamma[j]! + beta[j]!));
  return { y, mean, inverse };
}

const layerNorm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number) =>
  run<tf.Tensor[]>('ProjLayerNorm', { x, gamma, beta }, { epsilon });

const EPSILON = 1e-3;

/** x [n, d] around 3, gamma and beta [d], a weight for each element of y. */
const setUp = (n: number, d: number, seed: number) =>
  [
    tf.add(values([n, d], seed), 3),
    tf.add(values([d], seed + 1), 1),
    values([d], seed + 2),
    values([n, d], seed + 3),
  ] as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** Sum of squares of y, weighted. */
const loss = (x: readonly number[], gamma: readonly number[], beta: readonly number[], weights: readonly number[]) =>
  reference(x, gamma, beta, EPSILON).y.reduce((sum, y, i) => sum + weights[i]! * y * y, 0);

const lossOf = (weights: tf.Tensor) => (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
  tf.sum(tf.mul(weights, tf.square(layerNorm(x, gamma, beta, EPSILON)[0]!)));

describe.each(PLACES)('ProjLayerNorm, %s', (place) => {
  beforeEach(() => startPlace(place));

  it('is the formula in float64, and so is its gradient, for any shape', () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 21 }),
      fc.nat(99),
      (n, d, seed) => {
        withoutLeaks(() =>
          tf.tidy(() => {
            const [x, gamma, beta, weights] = setUp(n, d, seed);
            const [y, mean, inverse] = layerNorm(x, gamma, beta, EPSILON);
            const exact = reference(numbers(x), numbers(gamma), numbers(beta), EPSILON);
            expect([y!.shape, mean!.shape, inverse!.shape]).toEqual([[n, d], [n], [n]]);
            expect(distance(numbers(y!), exact.y)).toBeLessThan(3e-6);
            expect(distance(numbers(mean!), exact.mean)).toBeLessThan(1e-6);
            expect(distance(numbers(inverse!), exact.inverse)).toBeLessThan(1e-5);
            const got = tf.grads(lossOf(weights))([x, gamma, beta]);
            const w = numbers(weights);
            const slopes = differences((a, b, c) => loss(a!, b!, c!, w), [numbers(x), numbers(gamma), numbers(beta)]);
            got.forEach((t, i) => {
              expect(distance(numbers(t), slopes[i]!)).toBeLessThan(2e-5);
            });
          }),
        );
      },
    );
    fc.assert(property, { seed: 1, numRuns: 25 });
  });

  // More rows than are added up in single precision; and the mean far from 0 beside the deviation.
  it.each([
    [200, 7, 0],
    [64, 33, 1000],
    [129, 256, 0],
  ])('[%i, %i] shifted by %i: gradients by gamma and beta are sums over all rows', (n, d, shift) => {
    tf.tidy(() => {
      const x = tf.add(values([n, d], 5), shift);
      const [, gamma, beta, dy] = setUp(n, d, 6);
      const { mean, inverse, y } = reference(numbers(x), numbers(gamma), numbers(beta), EPSILON);
      expect(distance(numbers(layerNorm(x, gamma, beta, EPSILON)[0]!), y)).toBeLessThan(shift === 0 ? 3e-6 : 3e-4);
      const [dGamma, dBeta] = tf
        .grads((g, b) => tf.sum(tf.mul(dy, layerNorm(x, g, b, EPSILON)[0]!)))([gamma, beta])
        .map(numbers) as [number[], number[]];
      const [xs, weights] = [numbers(x), numbers(dy)];
      const byGamma = new Array(d).fill(0);
      const byBeta = new Array(d).fill(0);
      weights.forEach((w, i) => {
        const row = Math.floor(i / d);
        byGamma[i % d] += w * (xs[i]! - mean[row]!) * inverse[row]!;
        byBeta[i % d] += w;
      });
      expect(distance(dGamma, byGamma)).toBeLessThan(shift === 0 ? 1e-5 : 3e-4);
      expect(distance(dBeta, byBeta)).toBeLessThan(1e-5);
    });
  });

  it('sums over many rows keep their digits: 20,000 times 0.1', () => {
    tf.tidy(() => {
      const x = tf.tile(tf.tensor2d([[-1, 1]]), [20000, 1]);
      const dy = tf.fill([20000, 2], 0.1);
      const f = (g: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(dy, layerNorm(x, g, b, 1e-12)[0]!));
      const [dGamma, dBeta] = tf
        .grads(f)([tf.ones([2]), tf.zeros([2])])
        .map(numbers); // h is -1 and 1
      const sum = 20000 * Math.fround(0.1);
      expect(distance(dGamma!, [-sum, sum])).toBeLessThan(1e-6);
      expect(distance(dBeta!, [sum, sum])).toBeLessThan(1e-6);
    });
  });

  it('second derivatives are right', () => {
    tf.tidy(() => {
      const [x, gamma, beta, weights] = setUp(2, 5, 8);
      const first = (a: tf.Tensor) => tf.grad((t) => lossOf(weights)(t, gamma, beta))(a);
      const got = numbers(tf.grad((a) => tf.sum(tf.square(first(a))))(x));
      const [g, b, w] = [gamma, beta, weights].map(numbers) as [number[], number[], number[]];
      const squares = (a?: number[]) =>
        differences((t) => loss(t!, g, b, w), [a!], 1e-4)[0]!.reduce((sum, s) => sum + s * s, 0);
      expect(distance(got, differences(squares, [numbers(x)], 1e-3)[0]!)).toBeLessThan(1e-3);
    });
  });

  it('rows of equal numbers, huge and tiny ones, stay finite', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [5, 5, 5, 5, 5],
        [1e18, -1e18, 0, 0, 0],
        [1e-30, 0, 0, 0, -1e-30],
      ]);
      const [gamma, beta] = [tf.ones([5]), tf.zeros([5])];
      const all = [
        ...layerNorm(x, gamma, beta, EPSILON),
        tf.grad((t) => tf.sum(layerNorm(t, gamma, beta, EPSILON)[0]!))(x),
      ];
      for (const t of all) expect(numbers(t).every(Number.isFinite)).toBe(true);
      expect(numbers(all[0]!).slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    });
  });

  it('NaN stays in its row; shapes and types that do not fit are errors', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, Number.NaN, 3],
        [1, 2, 3],
      ]);
      const [y] = layerNorm(x, tf.ones([3]), tf.zeros([3]), EPSILON);
      expect(numbers(y!).map(Number.isNaN)).toEqual([true, true, true, false, false, false]);
      expect(() => layerNorm(x, tf.ones([2]), tf.zeros([3]), 1)).toThrow(
        'ProjLayerNorm: x must be float32 [N, D], D from 1, gamma and beta float32 [D]; got x float32 [2, 3], gamma float32 [2], beta',
      );
      expect(() => layerNorm(tf.cast(x, 'int32'), tf.ones([3]), tf.zeros([3]), 1)).toThrow('got x int32 [2, 3]');
      expect(() =>
        run('ProjLayerNormGrad', { dy: x, x, gamma: tf.ones([3]), mean: tf.ones([3]), inverse: tf.ones([2]) }),
      ).toThrow('mean and inverse float32 [N]; got dy float32 [2, 3]');
    });
  });
});
