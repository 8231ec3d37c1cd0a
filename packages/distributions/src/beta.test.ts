import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { Beta } from './beta.ts';
import { Dirichlet } from './dirichlet.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number, relative = 3e-7) =>
  expect(Math.abs(value(got) - golden)).toBeLessThan(relative * Math.abs(golden));

// Goldens: scipy 1.17.1, scipy.stats.beta(a, b).logpdf(x).
it.each([
  [2, 3, 0.125, 0.13840232285911958],
  [2 ** -6, 2 ** -4, 2 ** -40, 22.912163827150124],
  [512, 1024, 0.3125, 2.0016012496976145],
])('logProb: concentrations %f and %f, x %f', (a, b, x, golden) => {
  near(new Beta(a, b).logProb(x), golden, 1e-6);
});

// Goldens: scipy.stats.beta(a, b), .cdf(x), .ppf(p) and .entropy(); KL of TFP 0.25 (numpy), tfd.kl_divergence.
it('cdf, quantile, entropy and klDivergence', () => {
  near(new Beta(512, 1024).cdf(0.25), 1.4603540544342893e-13);
  near(new Beta(2, 3).quantile(0.25), 0.24302208375607628);
  near(new Beta(2, 3).entropy(), -0.2349066497880008);
  near(new Beta(512, 1024).entropy(), -3.0020029766255902);
  near(new Beta(2, 3).klDivergence(new Beta(4, 1.25)), 1.7628517055408783);
});

it('is a Dirichlet of two', () => {
  const [a, b, c, d] = [2, 0.5, 3, 1.5];
  const [p, q] = [new Beta(a, b), new Beta(c, d)];
  const [vectorP, vectorQ] = [new Dirichlet([a, b]), new Dirichlet([c, d])];
  near(vectorP.logProb([0.25, 0.75]), value(p.logProb(0.25)));
  near(vectorP.entropy(), value(p.entropy()));
  near(vectorP.klDivergence(vectorQ), value(p.klDivergence(q)));
  near(vectorP.variance(), value(p.variance()));
});

// As SciPy: the density's limits at both ends.
it('at the ends of the support and outside', () => {
  const p = new Beta([0.5, 1, 2], [2, 1, 0.5]);
  expect([...p.logProb(0).dataSync()]).toEqual([Infinity, 0, -Infinity]);
  expect([...p.logProb(1).dataSync()]).toEqual([-Infinity, 0, Infinity]);
  expect([...p.logProb(1.5).dataSync()]).toEqual([-Infinity, -Infinity, -Infinity]);
  expect([...p.cdf([-1, 0, 2]).dataSync(), ...p.survival([-1, 0, 2]).dataSync()]).toEqual([0, 0, 1, 1, 1, 0]);
  const slope = tf.grads((a, b, x) => tf.sum(new Beta(a!, b!).logProb(x!)))([
    tf.scalar(2),
    tf.scalar(3),
    tf.tensor([-1, 2]),
  ]);
  expect(slope.map(value)).toEqual([0, 0, 0]);
});

// Closed form: E x = a / (a + b), so by a it is b / (a + b)^2. 5 standard errors.
it.each([
  [0.05, 0.05],
  [2, 5],
])('gradients of draws are implicit: concentrations %f and %f', (a, b) => {
  const n = 20_000;
  const draws = (as: tf.Tensor) => tf.sum(new Beta(as, b).sample({ seed: 2 }));
  const { mean, variance } = tf.moments(tf.grad(draws)(tf.fill([n], a)));
  const error = Math.sqrt(value(variance) / n);
  expect(Math.abs(value(mean) - b / (a + b) ** 2)).toBeLessThan(5 * error);
});

it('draws of the smallest concentrations lie inside the open interval, half of them at each end', () => {
  const x = new Beta(1e-3, 1e-3).sample({ sampleShape: [2000], seed: 3 }).dataSync();
  expect(Math.min(...x)).toBe(2 ** -126);
  expect(Math.max(...x)).toBe(1 - 2 ** -24);
  const high = x.filter((v) => v > 0.5).length;
  expect(Math.abs(high - 1000)).toBeLessThan(5 * Math.sqrt(500));
});

// Both gammas are near 1e9, with a standard deviation of 3e-5 of that: their logarithms in float32 would keep two digits.
it('draws of large concentrations have the right spread, to 5 standard errors', () => {
  const [n, p] = [20_000, new Beta(1e9, 1e9)];
  const { variance } = tf.moments(tf.sub(p.sample({ sampleShape: [n], seed: 4 }), 0.5));
  expect(Math.abs(value(variance) / value(p.variance()) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
});
