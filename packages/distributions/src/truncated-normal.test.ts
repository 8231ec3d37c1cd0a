import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Normal } from './normal.ts';
import { TruncatedNormal } from './truncated-normal.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: scipy 1.17.1, scipy.stats.truncnorm(-0.75, 1.75, 0.5, 2), float64.
it('has the values of the normal cut to [-1, 4]', () => {
  const p = new TruncatedNormal(0.5, 2, -1, 4);
  near(p.logProb(-0.5), -1.4269037270392229);
  near(p.cdf(1), 0.5073941472436073);
  near(p.quantile(0.125), -0.44496318532404633);
  near(p.mean(), 1.0859979832249218);
  near(p.variance(), 1.6010686608258555);
  near(p.entropy(), 1.544961514185414);
});

// Golden: mpmath 1.4.1, 40 digits: f(x) / (Q(30) - Q(31)) with f the density and Q = erfc(x / sqrt(2)) / 2, and its integrals.
it('keeps its digits 30 scales out', () => {
  for (const side of [1, -1]) {
    const p = side === 1 ? new TruncatedNormal(0, 1, 30, 31) : new TruncatedNormal(0, 1, -31, -30);
    const x = side * 30.0625;
    near(p.logProb(x), 1.5253522981385792);
    near(side === 1 ? p.logCdf(x) : p.logSurvival(x), -0.16574558317294066);
    near(side === 1 ? p.logSurvival(x) : p.logCdf(x), -1.87902970138102);
    near(p.mean(), side * 30.033259667433622);
    near(p.variance(), 0.0011037715118352822);
    near(p.entropy(), -2.403410411635099);
    near(p.quantile(0.5), side * 30.02307046782731);
  }
});

it('far out it is an exponential', () => {
  const p = new TruncatedNormal(0, 1, 2 ** 20, Infinity);
  near(p.logProb(2 ** 20), 20 * Math.LN2);
  near(p.entropy(), 1 - 20 * Math.LN2);
});

it('without a cut it is the normal', () => {
  const [p, q] = [new TruncatedNormal(0.5, 2, -Infinity, Infinity), new Normal(0.5, 2)];
  for (const x of [-3, 0.5, 9]) {
    near(p.logProb(x), value(q.logProb(x)));
    near(p.logCdf(x), value(q.logCdf(x)));
    near(p.survival(x), value(q.survival(x)));
  }
  near(p.mean(), 0.5);
  near(p.variance(), value(q.variance()));
  near(p.entropy(), value(q.entropy()));
  expect([p.quantile(0), p.quantile(1)].map(value)).toEqual([-Infinity, Infinity]);
  const at = [-3, 0.5, 2].map((v) => tf.scalar(v));
  const slopes = (f: (...t: tf.Tensor[]) => tf.Tensor) =>
    tf
      .grads(f as never)(at)
      .map(value);
  const cut = slopes((x, loc, scale) => new TruncatedNormal(loc!, scale!, -Infinity, Infinity).logProb(x!));
  slopes((x, loc, scale) => new Normal(loc!, scale!).logProb(x!)).forEach((d, i) => {
    expect(cut[i]).toBeCloseTo(d, 6);
  });
});

it('wrong windows give NaN, and validateArgs says which', () => {
  expect(value(new TruncatedNormal(0, 1, 1, 1).logProb(1))).toBeNaN();
  expect(value(new TruncatedNormal(0, 1, 2, 1).mean())).toBeNaN();
  expect(value(new TruncatedNormal(0, 0, 0, 1).sample())).toBeNaN();
  expect(() => new TruncatedNormal(0, 1, 2, 1, { validateArgs: true })).toThrow(
    'TruncatedNormal: parameter high of shape [] must be greater than low, got 1 at [].',
  );
});

it('draws, which lie in the window', () => {
  const p = new TruncatedNormal(0, 1, 3, 3.001);
  for (const x of p.sample({ sampleShape: [500], seed: 2 }).dataSync()) {
    expect(x).toBeGreaterThanOrEqual(3);
    expect(x).toBeLessThanOrEqual(Math.fround(3.001));
  }
});
