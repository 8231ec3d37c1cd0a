import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { Binomial } from './binomial.ts';
import { Poisson } from './poisson.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const near = (got: tf.Tensor, golden: number, relative = 3e-7) =>
  expect(Math.abs(value(got) - golden)).toBeLessThan(relative * Math.abs(golden));

// Goldens: scipy 1.17.1, scipy.stats.poisson(rate).logpmf(k), .logsf(k), .entropy(); the third logProb from mpmath 1.4.1,
// 50 digits; KL by the closed form p log(p / q) - p + q.
it('Poisson: logProb, logSurvival, entropy and klDivergence', () => {
  near(new Poisson(2.5).logProb(3), -1.5428872736055896);
  near(new Poisson(1000.5).logProb(1200), -23.150064498300708);
  near(new Poisson(2 ** 24).logProb(2 ** 24), -9.23670470489107);
  near(new Poisson(2.5).logSurvival(40), -78.90501543399093);
  near(new Poisson(2.5).entropy(), 1.8307266079269722);
  near(new Poisson(65536).entropy(), 6.96411470612704); // by expansion; golden: the sum over 60000 .. 71500 (SciPy cuts it short)
  near(new Poisson(2.5).klDivergence(new Poisson(4)), 0.3249909268856612);
});

// Goldens: scipy.stats.binom(n, expit(logits)); KL by the closed form n (p log(p / q) + (1 - p) log((1 - p) / (1 - q))).
it('Binomial: logProb, cdf, entropy and klDivergence', () => {
  near(new Binomial(10, 0.5).logProb(3), -3.453278099019021);
  near(new Binomial(1000, 1).logProb(400), -243.90954239267637);
  near(new Binomial(10, 0.5).cdf(4), 0.13116220906580822);
  near(new Binomial(10, 0.5).entropy(), 1.841945408390773);
  near(new Binomial(100_000, 1).entropy(), 6.362138673005825); // by expansion
  near(new Binomial(10, 0.5).klDivergence(new Binomial(10, -1)), 2.7287370014089807);
});

it('Binomial of one trial is Bernoulli, of none is always 0', () => {
  const one = new Binomial(1, 0.75);
  near(one.logProb(1), -Math.log1p(Math.exp(-0.75)));
  near(one.logProb(0), -Math.log1p(Math.exp(0.75)));
  const none = new Binomial(0, 0.75);
  expect([...none.logProb([0, 1]).dataSync()]).toEqual([0, -Infinity]);
  expect([value(none.mean()), value(none.entropy()), value(none.sample({ seed: 1 }))]).toEqual([0, 0, 0]);
});

it('Binomial: KL to other numbers of trials is Infinity where it may count beyond them, else not known', () => {
  const p = new Binomial(5, 0.5);
  expect([...p.klDivergence(new Binomial([4, 5, 6], 0.5)).dataSync()]).toEqual([Infinity, 0, Number.NaN]);
});

it('Binomial.fromProbs owns its logits, and takes 0 and 1', () => {
  const before = tf.memory().numTensors;
  const p = Binomial.fromProbs(4, [0, 0.25, 1]);
  expect([...p.sample({ seed: 1, sampleShape: [2] }).dataSync()].filter((_, i) => i % 3 !== 1)).toEqual([0, 4, 0, 4]);
  expect([...p.logProb([0, 1, 4]).dataSync()].map((x) => Math.fround(Math.exp(x)))).toEqual([1, 0.421875, 1]);
  expect([...p.mean().dataSync()]).toEqual([0, 1, 4]);
  tf.dispose(tf.memory().numTensors > before ? p.totalCount : []);
  p.dispose();
  expect(() => Binomial.fromProbs(4, 1.5, { validateArgs: true })).toThrow(
    'Binomial: parameter probs of shape [] must be in [0, 1], got 1.5 at [].',
  );
});

it('off the integers there is no probability, and the cdf is a staircase', () => {
  for (const p of [new Poisson(2.5), new Binomial(5, 0.5)]) {
    expect([...p.logProb([-1, 0.5, Number.NaN]).dataSync()]).toEqual([-Infinity, -Infinity, Number.NaN]);
    expect([...p.cdf([-1, -0.5]).dataSync(), ...p.survival([-1, -0.5]).dataSync()]).toEqual([0, 0, 1, 1]);
    expect(value(p.cdf(2.75))).toBe(value(p.cdf(2)));
    const sum = value(p.prob(0)) + value(p.prob(1)) + value(p.prob(2));
    expect(value(p.cdf(2))).toBeCloseTo(sum, 6);
    expect(value(tf.grad((x: tf.Tensor) => p.logProb(x))(tf.scalar(2)))).toBe(0);
  }
  expect(value(new Binomial(5, 0.5).cdf(5))).toBe(1);
  expect(value(new Binomial(5, 0.5).logSurvival(7))).toBe(-Infinity);
});

it.each([
  ['Poisson', new Poisson(6.5), 20],
  ['Binomial', new Binomial(20, -0.5), 17],
])('%s: quantile takes every cdf back to its count, and what is above it to the next', (_, p, last) => {
  const counts = Array.from({ length: last }, (_, k) => k);
  const cdf = p.cdf(counts);
  expect([...p.quantile(cdf).dataSync()]).toEqual(counts);
  expect([...p.quantile(tf.mul(cdf, 1 + 2 ** -20)).dataSync()]).toEqual(counts.map((k) => k + 1));
  expect(value(p.quantile(0))).toBe(0);
});

it('quantiles at 1, and of rates that no integer search can step through', () => {
  expect(value(new Poisson(2).quantile(1))).toBe(Infinity);
  expect(value(new Binomial(7, 2).quantile(1))).toBe(7);
  near(new Poisson(1e20).quantile(0.5), 1e20, 1e-6);
  expect(value(new Poisson(0).quantile(0.5))).toBe(0);
});

it('a rate of 0 is always 0', () => {
  const p = new Poisson(0);
  expect([...p.logProb([0, 1]).dataSync(), value(p.entropy()), value(p.cdf(0))]).toEqual([0, -Infinity, 0, 1]);
  expect(value(p.klDivergence(new Poisson(2)))).toBe(2);
});

// Score function: the gradient of logProb at draws that pass none: draws / rate - 1 and draws - n p.
it('draws pass a gradient of 0', () => {
  const rates = tf.tensor([2, 30]);
  const draws = new Poisson(rates).sample({ seed: 3 }).dataSync();
  const score = tf
    .grad((r: tf.Tensor) => {
      const p = new Poisson(r);
      return tf.sum(p.logProb(p.sample({ seed: 3 })));
    })(rates)
    .dataSync();
  [2, 30].forEach((rate, i) => {
    expect(score[i]!).toBeCloseTo(draws[i]! / rate - 1, 5);
  });
});

it('leaves nothing behind but its results', () => {
  for (const p of [new Poisson([2, 3]), new Binomial([2, 3], 0.5)]) {
    const before = tf.memory().numTensors;
    tf.dispose([p.sample({ seed: 1 }), p.logProb(1), p.klDivergence(p), p.entropy(), p.cdf(1), p.quantile(0.5)]);
    tf.dispose([p.mean(), p.mode(), p.variance(), p.stddev(), p.logSurvival(2)]);
    expect(tf.memory().numTensors).toBe(before);
  }
});
