import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Logistic } from './logistic.ts';
import { TruncatedLogistic } from './truncated-logistic.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number) =>
  expect(Math.abs(value(got) - golden)).toBeLessThanOrEqual(1e-6 * Math.abs(golden));

// Golden: mpmath 1.4.1, 40 digits: sech((x - 0.5) / 4)^2 / 8 / (F(4) - F(-1)), and its integrals.
it('has the values of the logistic cut to [-1, 4]', () => {
  const p = new TruncatedLogistic(0.5, 2, -1, 4);
  near(p.logProb(-0.5), -1.5085555086251332);
  near(p.cdf(1), 0.4544170314535529);
  near(p.mean(), 1.283912211162508);
  near(p.variance(), 1.867874910482223);
  near(p.entropy(), 1.592950810998728);
});

// Golden: mpmath 1.4.1, 40 digits, with f = sech(x / 2)^2 / 4 and Q = 1 / (1 + exp(x)).
it('keeps its digits 30 scales out', () => {
  for (const side of [1, -1]) {
    const p = side === 1 ? new TruncatedLogistic(0, 1, 30, 31) : new TruncatedLogistic(0, 1, -31, -30);
    const x = side * 30.0625;
    near(p.logProb(x), 0.3961751453870341);
    near(side === 1 ? p.logCdf(x) : p.logSurvival(x), -2.345000821733948);
    near(side === 1 ? p.logSurvival(x) : p.logCdf(x), -0.10075682157088771);
    near(p.mean(), side * 30.418023293130684);
    near(p.variance(), 0.07932640579220829);
    near(p.entropy(), -0.04065185225639877);
    near(p.quantile(0.5), side * 30.379885493041737);
  }
});

it('without a cut it is the logistic', () => {
  const [p, q] = [new TruncatedLogistic(0.5, 2, -Infinity, Infinity), new Logistic(0.5, 2)];
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
  const cut = slopes((x, loc, scale) => new TruncatedLogistic(loc!, scale!, -Infinity, Infinity).logProb(x!));
  slopes((x, loc, scale) => new Logistic(loc!, scale!).logProb(x!)).forEach((d, i) => {
    expect(cut[i]).toBeCloseTo(d, 6);
  });
});

it('wrong windows give NaN, and validateArgs says which', () => {
  expect(value(new TruncatedLogistic(0, 1, 1, 1).logProb(1))).toBeNaN();
  expect(value(new TruncatedLogistic(0, 1, 2, 1).mean())).toBeNaN();
  expect(value(new TruncatedLogistic(0, 0, 0, 1).sample())).toBeNaN();
  expect(() => new TruncatedLogistic(0, 1, 2, 1, { validateArgs: true })).toThrow(
    'TruncatedLogistic: parameter high of shape [] must be greater than low, got 1 at [].',
  );
});

it('draws, which lie in the window', () => {
  const p = new TruncatedLogistic(0, 1, 3, 3.001);
  for (const x of p.sample({ sampleShape: [500], seed: 2 }).dataSync()) {
    expect(x).toBeGreaterThanOrEqual(3);
    expect(x).toBeLessThanOrEqual(Math.fround(3.001));
  }
});
