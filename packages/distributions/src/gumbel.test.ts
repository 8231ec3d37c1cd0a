import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Gumbel } from './gumbel.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.gumbel_r(0.5, 2), float64.
it('keeps its digits in both tails', () => {
  const p = new Gumbel(0.5, 2);
  near(p.logProb(-3), -4.697749856565676);
  near(p.logCdf(-7.5), -54.598150033144236);
  near(p.survival(80.5), 4.248354255291589e-18);
  near(p.logSurvival(80.5), -40);
  near(p.quantile(0.125), -0.9641987361728905);
});

// Golden: tfp 0.25, tfd.Gumbel(0.5, 2).kl_divergence(tfd.Gumbel(1, 1.5)), float64.
it('KL of another one', () => near(new Gumbel(0.5, 2).klDivergence(new Gumbel(1, 1.5)), 0.23306088477319858));

it('is a number wherever it is asked', () => {
  const p = new Gumbel(0, 1e-15);
  expect(value(p.logProb(1e30))).toBe(-Infinity);
  expect(value(p.logProb(-1e30))).toBe(-Infinity);
  expect(value(p.logSurvival(-1e30))).toBe(0);
  near(new Gumbel(0, 1).logSurvival(200), -200); // where exp(-200) is 0 in float32
  near(tf.grad((x: tf.Tensor) => new Gumbel(0, 1).logSurvival(x))(tf.scalar(200)), -1);
});
