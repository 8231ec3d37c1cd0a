import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Laplace } from './laplace.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.laplace(0.5, 2), float64.
it('keeps its digits in both tails', () => {
  const p = new Laplace(0.5, 2);
  near(p.logProb(-3), -3.136294361119891);
  near(p.logCdf(-79.5), -40.69314718055995);
  near(p.survival(80.5), 2.1241771276457944e-18);
  near(p.logCdf(20.5), -2.270022252934431e-5);
  near(p.quantile(0.125), -2.272588722239781);
});

// Golden: tfp 0.25, tfd.Laplace(0.5, 2).kl_divergence(tfd.Laplace(1, 1.5)), float64.
it('KL of another one', () => near(new Laplace(0.5, 2).klDivergence(new Laplace(1, 1.5)), 0.08405230497675897));

it('the density is that of the cdf at the kink too', () => {
  const p = new Laplace(1, 2);
  near(tf.grad((x: tf.Tensor) => p.cdf(x))(tf.scalar(1)), 0.25);
  near(tf.grad((x: tf.Tensor) => p.logSurvival(x))(tf.scalar(1)), -0.5);
});

// For at most 3 standard errors: signs are of mean 0, and of one word each.
it('draws are above and below loc equally often, whatever their size', () => {
  const n = 40_000;
  const x = new Laplace(0, 1).sample({ sampleShape: [n], seed: 4 });
  expect(Math.abs(value(tf.mean(tf.sign(x))))).toBeLessThan(3 / Math.sqrt(n));
  expect(Math.abs(value(tf.mean(tf.sign(tf.sub(tf.abs(x), Math.LN2)))))).toBeLessThan(3 / Math.sqrt(n)); // the median
});
