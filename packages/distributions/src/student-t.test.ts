import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { StudentT } from './student-t.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number, relative = 3e-7) =>
  expect(Math.abs(value(got) - golden)).toBeLessThan(relative * Math.abs(golden));

// Goldens: scipy 1.17.1, scipy.stats.t(df).logpdf(x); the last two from mpmath 1.4.1, 50 digits, by the closed form.
it.each([
  [5, 1.25, -1.7844207355056496],
  [1024, 40, -483.17314671186057],
  [2 ** 30, 3, -5.418938518769173],
  [3, 1e30, -275.11387543157275], // whose square float32 cannot hold
])('logProb: df %f, x %f', (df, x, golden) => {
  near(new StudentT(df, 0, 1).logProb(x), golden);
});

// Goldens: scipy.stats.t(df), .cdf(x), .ppf(p), .entropy().
it('cdf, quantile and entropy', () => {
  near(new StudentT(5, 0, 1).cdf(-40), 9.205981085886477e-8);
  near(new StudentT(4.5, 1, 2).quantile(0.0625), 1 - 2 * 1.8820091332081021);
  near(new StudentT(5, 1, 1).entropy(), 1.627502672414396);
  expect([...new StudentT(4.5, 3, 2).quantile([0, 0.5, 1]).dataSync()]).toEqual([-Infinity, 3, Infinity]);
});

// Goldens: mpmath 1.4.1, 50 digits: log of betainc(v / 2, 1 / 2, 0, v / (v + 1600), regularized=True) / 2, and mp.diff by v.
it('the logarithm of a tail that float64 cannot hold, with its gradient', () => {
  near(new StudentT(2 ** 20, 0, 1).logCdf(-40), -803.9979485025582);
  near(new StudentT(2 ** 20, 0, 1).logSurvival(40), -803.9979485025582);
  const slope = tf.grad((df: tf.Tensor) => new StudentT(df, 0, 1).logCdf(-40))(tf.scalar(2 ** 20));
  near(slope, -5.816206618047601e-7, 1e-4);
});

it('moments exist where TFP has them', () => {
  const p = new StudentT([0.5, 1, 2, 4], 3, 2);
  expect([...p.mean().dataSync()]).toEqual([Number.NaN, Number.NaN, 3, 3]);
  const [none, noneEither, infinite, finite] = p.variance().dataSync();
  expect([none, noneEither, infinite]).toEqual([Number.NaN, Number.NaN, Infinity]);
  expect(finite).toBeCloseTo(8, 5);
  near(tf.grad((df: tf.Tensor) => new StudentT(df, 3, 2).variance())(tf.scalar(4)), -2); // -2 scale^2 / (df - 2)^2
});

it('one degree of freedom is Cauchy', () => {
  const p = new StudentT(1, 2, 3);
  for (const x of [-100, 1.5, 2, 1e4]) {
    const z = (x - 2) / 3;
    near(p.logProb(x), -Math.log(3 * Math.PI) - Math.log1p(z * z));
    near(p.cdf(x), 0.5 + Math.atan(z) / Math.PI, 3e-6);
  }
});

it('gradients of draws reach loc and scale exactly', () => {
  const draw = (df: number, loc: tf.Tensor, scale: tf.Tensor) => new StudentT(df, loc, scale).sample({ seed: 3 });
  const [dLoc, dScale] = tf.grads((loc, scale) => draw(5, loc!, scale!))([tf.scalar(1e6), tf.scalar(1e-3)]);
  expect(value(dLoc!)).toBe(1);
  expect(value(dScale!)).toBe(value(new StudentT(5, 0, 1).sample({ seed: 3 })));
});

// Closed form: E t^2 = df / (df - 2), so by df it is -2 / (df - 2)^2. 5 standard errors.
it('gradients of draws by df are implicit', () => {
  const n = 20_000;
  const squares = (df: tf.Tensor) => tf.sum(tf.square(new StudentT(df, 0, 1).sample({ seed: 2 })));
  const { mean, variance } = tf.moments(tf.grad(squares)(tf.fill([n], 10)));
  expect(Math.abs(value(mean) + 2 / 64)).toBeLessThan(5 * Math.sqrt(value(variance) / n));
});

it('draws stay finite for the fewest degrees of freedom', () => {
  const x = new StudentT(1e-3, 0, 1).sample({ sampleShape: [1000], seed: 4 }).dataSync();
  expect(x.every(Number.isFinite)).toBe(true);
});
