import type * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Normal } from './normal.ts';
import { Uniform } from './uniform.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.uniform(-1, 5), float64.
it('is even from low to high', () => {
  const p = new Uniform(-1, 4);
  near(p.logProb(3), -1.6094379124341003);
  near(p.logCdf(3.75), -0.05129329438755058);
  near(p.logSurvival(-0.75), -0.051293294387550536);
  near(p.cdf(3), 0.8);
  near(p.quantile(0.125), -0.375);
});

// As tfp 0.25: tfd.Uniform(-1, 4).prob([-1, 4, -1.5, 4.5]) is [0.2, 0.2, 0, 0].
it('both ends belong to it, nothing beyond them does', () => {
  const p = new Uniform(-1, 4);
  const all = (x: number) => [p.cdf(x), p.logCdf(x), p.survival(x), p.logSurvival(x)].map(value);
  for (const x of [-1, 4]) near(p.prob(x), 0.2);
  for (const x of [-1.5, 4.5]) expect(value(p.prob(x))).toBe(0);
  for (const x of [-1, -1.5]) expect(all(x)).toEqual([0, -Infinity, 1, 0]);
  for (const x of [4, 4.5]) expect(all(x)).toEqual([1, 0, 0, -Infinity]);
  expect([p.quantile(0), p.quantile(1)].map(value)).toEqual([-1, 4]);
});

it('never draws beyond high, where rounding would', () => {
  const p = new Uniform(2 ** 24, 2 ** 24 + 2);
  const x = p.sample({ sampleShape: [1000], seed: 1 });
  expect(new Set(x.dataSync())).toEqual(new Set([2 ** 24, 2 ** 24 + 2]));
  expect([...p.prob(x).dataSync()].every((q) => q === 0.5)).toBe(true);
});

// Golden: tfp 0.25, tfd.Uniform(0.5, 2).kl_divergence(tfd.Uniform(0, 2.5)), float64.
it('KL is finite if the other covers it', () => {
  near(new Uniform(0.5, 2).klDivergence(new Uniform(0, 2.5)), 0.5108256237659907);
  expect(value(new Uniform(0, 2.5).klDivergence(new Uniform(0.5, 2)))).toBe(Infinity);
  expect(() => new Uniform(0, 1).klDivergence(new Normal(0, 1))).toThrow('KL(Uniform || Normal) has no formula here');
});
