import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { Exponential, Laplace, Logistic, MultivariateNormalDiag, Normal, Quantized, Uniform } from './index.ts';

const tidily = (f: () => void) => tf.tidy(() => void f());
const near = (t: tf.Tensor, golden: number[], relative = 1e-5) => {
  const got = numbers(t);
  expect(got.length).toBe(golden.length);
  for (const [i, v] of got.entries())
    expect(Math.abs(v - golden[i]!)).toBeLessThanOrEqual(relative * Math.abs(golden[i]!));
};

onEngines(() => {
  // Golden: mpmath at 500 digits, log(ncdf((y - loc) / scale) - ncdf((y - 1 - loc) / scale)).
  it.each([
    [0, 1, 30, -424.7874199097303],
    [0, 1, -38, -726.5572160188201],
    [0.25, 500, 1000, -9.130547257626656],
    [0.25, 1500, 100, -8.23434795262131], // here and below it is the density
    [0, 1e6, 5, -14.734449091179114],
    [0, 1e6, 3e6, -19.23444759116874],
    [0, 1e9, 5, -21.642204370151084],
  ])('P of a normal with loc %d and scale %d, rounded up to %d', (loc, scale, y, golden) =>
    tidily(() => near(new Quantized(new Normal(loc, scale)).logProb(y), [golden])),
  );

  // Golden: systems.md 5.7, a discretised logistic over [0, 255]; cells there reach from y - 1/2 to y + 1/2.
  it.each([
    [127.5, 10, [0, 255, 127, 1], [-12.700003, -12.700003, -3.689712, -14.952175]],
    [0, 1, [0, 1, 255], [-0.474077, -1.634165, -254.5]],
    [50, 1, [200], [-149.958675]],
  ])('a logistic with loc %d and scale %d, ends and all', (loc, scale, y, golden) =>
    tidily(() => {
      const p = new Quantized(new Logistic(loc - 0.5, scale), { low: 0, high: 255 });
      near(p.logProb(y), golden, 2e-6);
      const slope = tf.grad((l: tf.Tensor) =>
        tf.sum(new Quantized(new Logistic(l, scale), { low: 0, high: 255 }).logProb(y)),
      );
      expect(numbers(slope(tf.scalar(loc - 0.5))).every(Number.isFinite)).toBe(true);
    }),
  );

  it('sums to 1 where cells change from difference to density', () =>
    tidily(() => {
      const y = tf.range(-4096, 4096);
      for (const base of [new Normal(0.25, 330), new Normal(3, 400), new Laplace(0.5, 1000)]) {
        const [sum] = numbers(tf.sum(new Quantized(base, { low: -4096, high: 4095 }).prob(y)));
        expect(Math.abs(sum! - 1)).toBeLessThan(5e-5);
      }
    }));

  it('a probability is never above 1, also where a cell is less than float32 tells apart', () =>
    tidily(() => expect(numbers(new Quantized(new Normal(1e9, 1e-3)).logProb(1e9))[0]).toBeLessThanOrEqual(0)));

  it('without a cell in the support there is nothing, with gradient 0', () =>
    tidily(() => {
      const y = tf.tensor([-1, 0, 1]);
      const of = (rate: tf.Tensor) => new Quantized(new Exponential(rate)).logProb(y);
      expect(numbers(of(tf.scalar(2))).slice(0, 2)).toEqual([-Infinity, -Infinity]);
      const slope = tf.grad((rate: tf.Tensor) => tf.sum(of(rate)))(tf.scalar(2));
      near(slope, [Math.exp(-2) / (1 - Math.exp(-2))]); // of log(1 - exp(-rate))
    }));
});

it('is the floor between integers, and an error with validateArgs', () =>
  tidily(() => {
    const p = new Quantized(new Normal(0.5, 2), { low: -1, high: 3 });
    expect(numbers(p.logProb([0.25, 2.75, -0.5]))).toEqual(numbers(p.logProb([0, 2, -1])));
    expect(numbers(p.cdf([-1.5, -0.5, 3.5]))).toEqual([0, ...numbers(p.cdf(-1)), 1]);
    const checked = new Quantized(new Normal(0.5, 2), { low: -1, high: 3, validateArgs: true });
    expect(() => checked.logProb(0.5)).toThrow('must be an integer in [-1, 3], got 0.5 at [].');
    expect(() => checked.logProb(4)).toThrow('must be an integer in [-1, 3], got 4 at [].');
  }));

it('the quantile is the first integer that reaches the probability', () =>
  tidily(() => {
    // Rounding takes the base's quantile over an integer for some of these, either way.
    const normals = [0.9, 1.1, 1.3, 1.9, 2.3].flatMap((scale) =>
      [0.1, 0.5, 2.7].map((loc) => new Normal(loc, 2 * scale)),
    );
    const quantized = normals.map((base) => new Quantized(base));
    for (const p of [...quantized, new Quantized(new Uniform(-2, 6), { low: -1, high: 5 })]) {
      const y = tf.range(-1, 6);
      expect(numbers(tf.sub(p.quantile(p.cdf(y)), y)).filter((d) => d !== 0)).toEqual([]);
      const justAbove = tf.minimum(tf.mul(p.cdf(tf.range(-1, 4)), 1 + 2 ** -23), 1);
      const u = tf.concat([tf.tensor([0.03, 0.2, 0.5, 0.77, 0.999]), justAbove]);
      const x = p.quantile(u);
      expect(Math.min(...numbers(tf.sub(p.cdf(x), u)))).toBeGreaterThanOrEqual(0);
      expect(Math.max(...numbers(tf.sub(p.cdf(tf.sub(x, 1)), u)))).toBeLessThan(0);
    }
  }));

it('refuses other bounds and bases', () =>
  tidily(() => {
    const base = new Normal(0, 1);
    const message = (low: number, high: number) =>
      new RangeError(`Quantized: low and high must be integers with low < high, got low ${low} and high ${high}.`);
    expect(() => new Quantized(base, { low: 0.5, high: 2 })).toThrow(message(0.5, 2));
    expect(() => new Quantized(base, { low: 2, high: 2 })).toThrow(message(2, 2));
    expect(() => new Quantized(base, { high: Number.NaN })).toThrow(message(-Infinity, Number.NaN));
    const vectors = new MultivariateNormalDiag([0], [1]);
    expect(() => new Quantized(vectors as never)).toThrow(
      'the base must be of numbers, got MultivariateNormalDiag with events of shape [1].',
    );
  }));
