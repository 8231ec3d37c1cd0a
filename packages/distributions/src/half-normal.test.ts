import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { HalfNormal } from './half-normal.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.halfnorm(0, 2), float64; logCdf(20): mpmath, log1p(-erfc(10 / sqrt(2))).
it('keeps its digits at 0 and in the tail', () => {
  const p = new HalfNormal(2);
  near(p.logProb(3), -2.0439385332046727);
  near(p.logCdf(0.001953125), -7.15726331718989);
  near(p.logCdf(20), -1.523970604832105e-23);
  near(p.cdf(3), 0.8663855974622838);
  near(p.quantile(0.125), 0.3146213692203414);
});

// Golden: tfp 0.25, tfd.HalfNormal(2).kl_divergence(tfd.HalfNormal(1.5)), float64.
it('KL of another one', () => near(new HalfNormal(2).klDivergence(new HalfNormal(1.5)), 0.101206816437108));

it('begins at 0, which belongs to it', () => {
  const p = new HalfNormal(2);
  near(p.prob(0), Math.sqrt(2 / Math.PI) / 2);
  const all = (x: number) => [p.prob(x), p.cdf(x), p.logCdf(x), p.survival(x), p.logSurvival(x)].map(value);
  expect(all(-1e-30)).toEqual([0, 0, -Infinity, 1, 0]);
  expect(value(p.logCdf(0))).toBe(-Infinity);
  const slopes = tf.grads((x: tf.Tensor, scale: tf.Tensor) => new HalfNormal(scale).logCdf(x));
  expect(slopes([tf.scalar(0), tf.scalar(2)]).map((slope) => value(slope) + 0)).toEqual([0, 0]); // or -0
});
