import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Logistic } from './logistic.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.logistic(0.5, 2), float64.
it('keeps its digits in both tails', () => {
  const p = new Logistic(0.5, 2);
  near(p.logProb(-3), -2.76359548143612);
  near(p.logCdf(-79.5), -40);
  near(p.survival(80.5), 4.248354255291589e-18);
  near(p.logCdf(20.5), -4.539889921686465e-5);
  near(p.quantile(0.125), -3.391820298110627);
});

it('cdf and its gradient have the same size at z = 40: the density', () => {
  const slope = tf.grad((x: tf.Tensor) => new Logistic(0, 1).cdf(x))(tf.scalar(40));
  near(slope, 4.248354255291589e-18);
});

// Closed form: log(p / (1 - p)) at p = 1/2 + 2^-20 is 2^-18 (1 + 2^-40 / 3 ...).
it('the quantile is exact next to the middle', () => near(new Logistic(0, 1).quantile(0.5 + 2 ** -20), 2 ** -18));
