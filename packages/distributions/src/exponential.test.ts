import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Exponential } from './exponential.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.expon(scale=2), float64.
it('keeps its digits at 0 and in the tail', () => {
  const p = new Exponential(0.5);
  near(p.logProb(3), -2.1931471805599454);
  near(p.logCdf(0.001953125), -6.931960047113024);
  near(p.logSurvival(80), -40);
  near(p.cdf(3), 0.7768698398515702);
  near(p.quantile(0.125), 0.26706278524904525);
});

// Golden: tfp 0.25, tfd.Exponential(2).kl_divergence(tfd.Exponential(1.5)), float64.
it('KL of another one', () => near(new Exponential(2).klDivergence(new Exponential(1.5)), 0.03768207245178093));

it('begins at 0, which belongs to it', () => {
  const p = new Exponential(2);
  const all = (x: number) => [p.prob(x), p.cdf(x), p.logCdf(x), p.survival(x), p.logSurvival(x)].map(value);
  expect(all(-1)).toEqual([0, 0, -Infinity, 1, 0]);
  near(p.prob(0), 2);
  const slopes = tf.grads((x: tf.Tensor, rate: tf.Tensor) => new Exponential(rate).logCdf(x));
  expect(slopes([tf.scalar(0), tf.scalar(2)]).map(value)).toEqual([0, 0]);
});
