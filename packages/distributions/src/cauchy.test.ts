import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Cauchy } from './cauchy.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.cauchy(0.5, 2), float64.
it('keeps its digits in both tails', () => {
  const p = new Cauchy(0.5, 2);
  near(p.logProb(-3), -3.2396756140652014);
  near(p.logCdf(-79.5), -4.833817616894664);
  near(p.survival(80.5), 0.007956089912025814);
  near(p.logCdf(80.5), -0.00798790847530824);
  near(p.quantile(0.125), -4.32842712474619);
});

// Golden: tfp 0.25, tfd.Cauchy(0.5, 2).kl_divergence(tfd.Cauchy(1, 1.5)), float64.
it('KL of another one', () => near(new Cauchy(0.5, 2).klDivergence(new Cauchy(1, 1.5)), 0.04082199452025537));

// Golden: scipy.stats.cauchy.logpdf(1e25); and d logProb / dx = -2 x / (1 + x^2), by loc the same with its sign turned.
it('squares nothing that overflows', () => {
  const f = (x: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor) => new Cauchy(loc, scale).logProb(x);
  const at = [tf.scalar(1e25), tf.scalar(0), tf.scalar(1)];
  near(f(at[0]!, at[1]!, at[2]!), -116.27398453555169);
  const [dX, dLoc, dScale] = tf.grads(f as never)(at) as [tf.Tensor, tf.Tensor, tf.Tensor];
  near(dX, -2e-25);
  near(dLoc, 2e-25);
  near(dScale, 1); // 1 / scale
  near(new Cauchy(0, 1).logCdf(-1e25), Math.log(1e-25 / Math.PI));
  near(new Cauchy(0, 1e-15).logProb(1e30), Math.log(1e-15 / Math.PI) - 2 * Math.log(1e30)); // z itself overflows
});

it('has no mean and no variance', () => {
  expect(() => new Cauchy(0, 1).mean()).toThrow('Cauchy: mean() is not defined for this distribution.');
  expect(() => new Cauchy(0, 1).stddev()).toThrow('Cauchy: stddev() is not defined');
});
