import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { Gamma } from './gamma.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number, relative = 3e-7) =>
  expect(Math.abs(value(got) - golden)).toBeLessThan(relative * Math.abs(golden));

// Goldens: scipy 1.17.1, scipy.stats.gamma(a, scale=1 / rate).logpdf(x); the last mpmath 1.4.1, 50 digits, where float64
// loses all digits of (a - 1) log x - x - log Gamma(a).
it.each([
  [2.5, 1.5, 0.75, -0.8275432088801795],
  [2 ** -6, 1, 2 ** -60, 36.78894197816783],
  [1024, 1, 1300, -36.24811999548092],
  [65536, 1, 65536 + 2560, -55.23734520864673],
  [2 ** 40, 1, 2 ** 40 + 2 ** 20, -15.281882780186304],
])('logProb: concentration %f, rate %f, x %f', (a, rate, x, golden) => {
  near(new Gamma(a, rate).logProb(x), golden);
});

// Goldens: scipy 1.17.1, scipy.stats.gamma(2.5, scale=1 / 1.5), .cdf(0.75), .ppf(0.25), .entropy(); KL of TFP 0.25 (numpy),
// tfd.kl_divergence(tfd.Gamma(2.5, 1.5), tfd.Gamma(4, 3)).
it('cdf, quantile, entropy and klDivergence', () => {
  const p = new Gamma(2.5, 1.5);
  near(p.cdf(0.75), 0.1864182202163523);
  near(p.quantile(0.25), 0.8915342698107211);
  near(p.entropy(), 1.3244828013968901);
  near(p.klDivergence(new Gamma(4, 3)), 0.17975291554748996);
});

// Goldens: mpmath 1.4.1, 50 digits: log of gammainc(a, x, inf, regularized=True) and of gammainc(a, 0, x, ...), and mp.diff by a.
it('logarithms of tails that float64 cannot hold, with their gradients', () => {
  near(new Gamma(2.5, 1).logSurvival(900), -890.0794245222952);
  near(new Gamma(500, 1).logCdf(10), -1470.0177508159989);
  near(tf.grad((a: tf.Tensor) => new Gamma(a, 1).logSurvival(900))(tf.scalar(2.5)), 6.100349848677578);
  near(tf.grad((a: tf.Tensor) => new Gamma(a, 1).logCdf(10))(tf.scalar(500)), -3.9130633189783364);
});

// As SciPy: the density's limits at 0.
it('at 0 and below', () => {
  const p = new Gamma([0.5, 1, 2.5], 1.5);
  expect([...p.logProb(0).dataSync()]).toEqual([Infinity, Math.fround(Math.log(1.5)), -Infinity]);
  expect([...p.logProb(-1).dataSync()]).toEqual([-Infinity, -Infinity, -Infinity]);
  expect([...p.cdf(-1).dataSync(), ...p.survival(-1).dataSync()]).toEqual([0, 0, 0, 1, 1, 1]);
  const slopes = tf.grads((a: tf.Tensor, r: tf.Tensor, x: tf.Tensor) => tf.sum(new Gamma(a, r).logProb(x)))([
    tf.tensor([0.5, 2]),
    tf.tensor([1, 2]),
    tf.tensor([-1, -3]),
  ]);
  expect(slopes.map((t) => [...t.dataSync()])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

it('mode is NaN where the density has no greatest value inside', () => {
  expect([...new Gamma([0.5, 1, 3], 2).mode().dataSync()]).toEqual([Number.NaN, Number.NaN, 1]);
  expect(value(tf.grad((a: tf.Tensor) => new Gamma(a, 2).mode())(tf.scalar(3)))).toBe(0.5);
});

// Closed forms: E x = a / r, E log x = digamma(a) - log r, so the gradients by a are 1 / r and trigamma(a).
// Golden: scipy.special.polygamma(1, a). 5 standard errors.
it.each([
  [0.1, 101.43329915079276],
  [3, 0.3949340668482264],
])('gradients of draws are implicit: concentration %f', (a, trigamma) => {
  const n = 20_000;
  const slope = (f: (x: tf.Tensor) => tf.Tensor) => {
    const of = (as: tf.Tensor) => tf.sum(f(new Gamma(as, 2).sample({ seed: 2 })));
    const { mean, variance } = tf.moments(tf.grad(of)(tf.fill([n], a)));
    return { mean: value(mean), error: Math.sqrt(value(variance) / n) };
  };
  const ofMean = slope((x) => x);
  expect(Math.abs(ofMean.mean - 0.5)).toBeLessThan(5 * ofMean.error);
  const ofLog = slope(tf.log);
  expect(Math.abs(ofLog.mean - trigamma)).toBeLessThan(5 * ofLog.error);
});

it('draws of the smallest concentrations are positive, and so few are not tiny', () => {
  const x = new Gamma([1e-3, 1e-10], [[1], [1e-20]]).sample({ sampleShape: [1000], seed: 3 }).dataSync();
  expect(Math.min(...x)).toBe(2 ** -126);
  expect(Math.max(...x)).toBeLessThan(Infinity);
});

it('differentiates once, and says so', () => {
  const slope = tf.grad((x: tf.Tensor) => new Gamma(2, 1).logProb(x));
  expect(() => tf.grad((x: tf.Tensor) => slope(x))(tf.scalar(1))).toThrow(
    'the gradient of Gamma.logProb: there is no derivative by value of what you differentiate.',
  );
});

it('leaves nothing behind but its results', () => {
  const p = new Gamma([2, 3], [[1], [4]]);
  const before = tf.memory().numTensors;
  tf.dispose([p.sample({ seed: 1 }), p.logProb(p.rate), p.klDivergence(p), p.entropy(), p.cdf(1), p.quantile(0.5)]);
  tf.dispose([p.mean(), p.mode(), p.variance(), p.stddev(), p.logSurvival(2)]);
  tf.dispose(tf.grads((a: tf.Tensor, r: tf.Tensor) => new Gamma(a, r).sample({ seed: 2 }))([p.concentration, p.rate]));
  expect(tf.memory().numTensors).toBe(before);
});
