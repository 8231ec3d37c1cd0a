import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { distance } from '../../tests/engines.ts';
import { numbers, PLACES, run, startPlace, withoutLeaks } from '../../tests/fused.ts';

const kl = (loc: tf.Tensor, logVariance: tf.Tensor) => run<tf.Tensor>('ProjGaussianKl', { loc, logVariance });

const value = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map(Math.fround);

describe.each(PLACES)('ProjGaussianKl, %s', (place) => {
  beforeEach(() => startPlace(place));

  // Golden: the closed form in float64, and its derivatives m and (e^v - 1) / 2, each times what comes from above.
  it('is the closed form, and so is its gradient, for any shape', () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1, max: 11 }),
      fc.gen(),
      (rows, columns, gen) => {
        const draw = (min: number, max: number) => Array.from({ length: rows * columns }, () => gen(value, min, max));
        const [m, v] = [draw(-9, 9), draw(-20, 10)];
        withoutLeaks(() =>
          tf.tidy(() => {
            const [loc, logVariance] = [tf.tensor2d(m, [rows, columns]), tf.tensor2d(v, [rows, columns])];
            const got = kl(loc, logVariance);
            expect(got.shape).toEqual([rows]);
            const exact = new Array(rows).fill(0);
            m.forEach((mean, i) => {
              exact[Math.floor(i / columns)] += (Math.expm1(v[i]!) - v[i]! + mean * mean) / 2;
            });
            expect(distance(numbers(got), exact)).toBeLessThan(1e-6);
            const dy = tf.range(1, rows + 1);
            const [dLoc, dLog] = tf
              .grads((a, b) => tf.sum(tf.mul(kl(a, b), dy)))([loc, logVariance])
              .map(numbers) as [number[], number[]];
            const weight = (i: number) => Math.floor(i / columns) + 1;
            expect(
              distance(
                dLoc,
                m.map((mean, i) => weight(i) * mean),
              ),
            ).toBeLessThan(1e-6);
            expect(
              distance(
                dLog,
                v.map((x, i) => (weight(i) * Math.expm1(x)) / 2),
              ),
            ).toBeLessThan(1e-6);
          }),
        );
      },
    );
    fc.assert(property, { seed: 1, numRuns: 30 });
  });

  it('keeps its digits near the prior, where the terms nearly cancel', () => {
    tf.tidy(() => {
      const v = Math.fround(1e-3);
      const got = numbers(kl(tf.zeros([1, 8]), tf.fill([1, 8], v)))[0]!;
      expect(Math.abs(got - 4 * (Math.expm1(v) - v))).toBeLessThan(4e-10); // 4e-6 in all; float32 knows e^v - 1 to 6e-11
    });
  });

  it('is finite for any standard deviation from 1e-15 to 1e15, and its gradient', () => {
    tf.tidy(() => {
      const [loc, logVariance] = [tf.tensor2d([[1e15, 0]]), tf.tensor2d([[69, -69]])];
      const all = [kl(loc, logVariance), ...tf.grads((a, b) => tf.sum(kl(a, b)))([loc, logVariance])];
      for (const t of all) expect(numbers(t).every(Number.isFinite)).toBe(true);
    });
  });

  it('second derivatives are right: 1, and e^v / 2', () => {
    tf.tidy(() => {
      const [loc, logVariance] = [tf.tensor2d([[0.5, -2]]), tf.tensor2d([[1, -1]])];
      const byLoc = tf.grad((m) => tf.sum(tf.grad((a) => tf.sum(kl(a, logVariance)))(m)))(loc);
      const byLog = tf.grad((v) => tf.sum(tf.grad((a) => tf.sum(kl(loc, a)))(v)))(logVariance);
      expect(distance(numbers(byLoc), [1, 1])).toBeLessThan(1e-6);
      expect(distance(numbers(byLog), [Math.E / 2, 1 / Math.E / 2])).toBeLessThan(1e-6);
    });
  });

  it('NaN stays in its row; shapes that differ are an error', () => {
    tf.tidy(() => {
      const loc = tf.tensor2d([
        [Number.NaN, 1],
        [1, 1],
      ]);
      expect(numbers(kl(loc, tf.zeros([2, 2]))).map(Number.isNaN)).toEqual([true, false]);
      expect(() => kl(loc, tf.zeros([2, 3]))).toThrow(
        'ProjGaussianKl: loc and logVariance must be float32 [B, D] of one shape, got loc float32 [2, 2], logVariance float32 [2, 3].',
      );
    });
  });
});
