import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { LogNormal } from './log-normal.ts';
import { Normal } from './normal.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.lognorm(s=0.5, scale=exp(0.25)), float64.
it('has the density, tails and moments of exp of a normal', () => {
  const p = new LogNormal(0.25, 0.5);
  near(p.logProb(3), -2.7646892742698923);
  near(p.logCdf(0.0078125), -55.31253357391418);
  near(p.logSurvival(512), -75.128815047729);
  near(p.mean(), 1.4549914146182013);
  near(p.stddev(), 0.7754236337940509);
  near(p.quantile(0.125), 0.722401146226746);
});

it('has the KL of its logarithms, and their draws', () => {
  const normals = new Normal(0.5, 2).klDivergence(new Normal(1, 1.5));
  near(new LogNormal(0.5, 2).klDivergence(new LogNormal(1, 1.5)), value(normals));
  near(new LogNormal(0.5, 2).sample({ seed: 3 }), Math.exp(value(new Normal(0.5, 2).sample({ seed: 3 }))));
});

it('is nothing at 0 and below, with gradients of 0', () => {
  const p = new LogNormal(0, 1);
  for (const x of [0, -1]) {
    const all = [p.prob(x), p.cdf(x), p.logCdf(x), p.survival(x), p.logSurvival(x)].map(value);
    expect(all).toEqual([0, 0, -Infinity, 1, 0]);
    for (const f of [p.logProb, p.logCdf, p.logSurvival]) {
      expect(value(tf.grad((t: tf.Tensor) => f.call(p, t))(tf.scalar(x))) + 0).toBe(0); // or -0
    }
  }
});
