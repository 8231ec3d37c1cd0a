import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Bernoulli } from './bernoulli.ts';
import { klDivergence } from './kl-divergence.ts';

const bernoulli = (logits: number | number[]) => new Bernoulli(tf.tensor(logits));
const value = (t: tf.Tensor) => t.dataSync()[0]!;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

// Golden: scipy 1.17.1, scipy.special.log_expit(l) for 1 and log_expit(-l) for 0, float64.
// Absolute to one float32 step of the logit: x l and softplus(l) cancel.
it.each([
  [1, 0, -Math.LN2],
  [0, 0, -Math.LN2],
  [1, 2.5, -0.07888973429254963],
  [0, 2.5, -2.5788897342925496],
  [1, -12, -12.000006144193478],
  [1, -40, -40],
  [0, -40, -4.248354255291589e-18],
  [1, 100, -3.720075976020836e-44],
  [0, 100, -100],
])('logProb of %i, logit %f', (x, logit, golden) => {
  const got = value(bernoulli(logit).logProb(tf.scalar(x)));
  expect(Math.abs(got - golden)).toBeLessThanOrEqual(1.2e-7 * Math.max(1, Math.abs(logit)));
});

it('logProb is linear in the value: cross-entropy of grey pixels', () => {
  const p = bernoulli(1.2);
  const at = (x: number) => value(p.logProb(tf.scalar(x)));
  expect(at(0.3)).toBeCloseTo(0.3 * at(1) + 0.7 * at(0), 6);
});

it('the two outcomes sum to one', () => {
  const property = fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (logit) => {
    const p = bernoulli(logit);
    const total = Math.exp(value(p.logProb(tf.scalar(0)))) + Math.exp(value(p.logProb(tf.scalar(1))));
    expect(Math.abs(total - 1)).toBeLessThan(4e-6); // 30 * 1.2e-7
  });
  fc.assert(property, { seed: 2, numRuns: 200 });
});

// Golden: scipy.stats.bernoulli.entropy(expit(logit)).
it.each([
  [0, Math.LN2],
  [1, 0.5822031088882179],
  [-3, 0.19086497110644235],
  [10, 0.0004993775862407685],
])('entropy: logit %f', (logit, golden) => {
  expect(Math.abs(value(bernoulli(logit).entropy()) - golden)).toBeLessThan(5e-7 * golden);
});

// Golden: scipy 1.17.1 in float64, expit(p) (log_expit(p) - log_expit(q)) + expit(-p) (log_expit(-p) - log_expit(-q)).
it.each([
  [0, 1, 0.12011450695827755],
  [1, 0, 0.11094407167172732], // the direction
  [2, -3, 2.3256447304201813],
  [-8, 8, 7.994634397912537],
  [20, 10, 4.537622652706243e-5], // nearly equal and nearly sure
])('klDivergence: logits %f and %f', (p, q, golden) => {
  const got = value(klDivergence(bernoulli(p), bernoulli(q)));
  expect(Math.abs(got - golden)).toBeLessThan(1e-6 * golden);
});

it('KL is never negative, and is 0 to itself', () => {
  const logit = fc.double({ min: -20, max: 20, noNaN: true });
  const property = fc.property(logit, logit, (a, b) => {
    expect(value(klDivergence(bernoulli(a), bernoulli(b)))).toBeGreaterThan(-2e-7); // float32 cancellation
    expect(value(klDivergence(bernoulli(a), bernoulli(a)))).toBe(0);
  });
  fc.assert(property, { seed: 1, numRuns: 200 });
});

// 3 standard errors (systems.md 6.7): a right pair fails 1 seed in 370.
it('KL agrees with Monte Carlo', () => {
  const [p, q] = [bernoulli(0.8), bernoulli(-0.5)];
  const x = p.sample({ sampleShape: [100_000], seed: 4 });
  const { mean, variance } = tf.moments(tf.sub(p.logProb(x), q.logProb(x)));
  expect(Math.abs(value(klDivergence(p, q)) - value(mean))).toBeLessThan(3 * Math.sqrt(value(variance) / 100_000));
});

// 5 standard errors each: a right sampler fails 1 seed in 1.7 million; at n = 1e5 a probability off by 0.008 fails.
it('samples are 0 and 1, as often as they should be', () => {
  const n = 100_000;
  for (const logit of [-4, -1, 0, 0.5, 3]) {
    const draws = bernoulli(logit)
      .sample({ sampleShape: [n], seed: 0 })
      .dataSync<'float32'>();
    expect(new Set(draws)).toEqual(new Set([0, 1]));
    const p = sigmoid(logit);
    const frequency = draws.reduce((sum, x) => sum + x, 0) / n;
    expect(Math.abs(frequency - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
  }
});

it('probability 0 and 1, as infinite logits, are sure', () => {
  const p = bernoulli([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  expect([...p.mean().dataSync()]).toEqual([0, 1]);
  expect([...p.mode().dataSync()]).toEqual([0, 1]);
  expect([...p.variance().dataSync()]).toEqual([0, 0]);
  const draws = p.sample({ sampleShape: [1000], seed: 0 });
  expect([...tf.mean(draws, 0).dataSync()]).toEqual([0, 1]);
});

it('mean, variance, stddev and mode', () => {
  const p = bernoulli([-1, 0, 2]);
  const close = (t: tf.Tensor, golden: number[]) => {
    golden.forEach((g, i) => {
      expect(t.dataSync()[i]!).toBeCloseTo(g, 6);
    });
  };
  const probs = [-1, 0, 2].map(sigmoid);
  close(p.mean(), probs);
  close(
    p.variance(),
    probs.map((q) => q * (1 - q)),
  );
  close(
    p.stddev(),
    probs.map((q) => Math.sqrt(q * (1 - q))),
  );
  expect([...p.mode().dataSync()]).toEqual([0, 0, 1]);
  expect(p.sample({ sampleShape: [2], seed: 0 }).shape).toEqual([2, 3]);
});

// Analytic: x - sigmoid(l); -l s'(l); (l - q) s'(l) and sigmoid(q) - sigmoid(l), with s' = sigmoid (1 - sigmoid).
it.each([-6, -0.5, 0, 1.5, 30])('gradients of logProb, entropy and KL at logit %f', (logit) => {
  const slope = sigmoid(logit) * sigmoid(-logit);
  const l = tf.scalar(logit);
  const ofLogProb = tf.grad((t: tf.Tensor) => new Bernoulli(t).logProb(tf.scalar(0.25)))(l);
  expect(value(ofLogProb)).toBeCloseTo(0.25 - sigmoid(logit), 6);
  expect(value(tf.grad((t: tf.Tensor) => new Bernoulli(t).entropy())(l))).toBeCloseTo(-logit * slope, 6);
  const [dP, dQ] = tf.grads((p, q) => klDivergence(new Bernoulli(p), new Bernoulli(q)))([l, tf.scalar(0.4)]);
  expect(value(dP!)).toBeCloseTo((logit - 0.4) * slope, 5);
  expect(value(dQ!)).toBeCloseTo(sigmoid(0.4) - sigmoid(logit), 6);
});

it('a sample inside a gradient passes 0, so that the score function works', () => {
  const surrogate = (logits: tf.Tensor) => {
    const p = new Bernoulli(logits);
    return tf.sum(p.logProb(p.sample({ seed: 3 })));
  };
  const logits = tf.tensor([-1, 0, 1]);
  const draws = new Bernoulli(logits).sample({ seed: 3 }).dataSync();
  const got = tf.grad(surrogate)(logits).dataSync();
  [-1, 0, 1].forEach((l, i) => {
    expect(got[i]!).toBeCloseTo(draws[i]! - sigmoid(l), 6);
  });
});

it('says which shapes do not broadcast', () => {
  expect(() => bernoulli([0, 0]).logProb(tf.zeros([3]))).toThrow(
    new RangeError('Bernoulli.logProb: the shapes must broadcast, got value [3] and batchShape [2].'),
  );
  expect(() => klDivergence(bernoulli([0, 0]), bernoulli([0, 0, 0]))).toThrow(
    'got p.batchShape [2] and q.batchShape [3]',
  );
});

it('leaves nothing behind but its results', () => {
  const p = bernoulli([0.5, -1]);
  const before = tf.memory().numTensors;
  tf.dispose([p.sample({ seed: 1 }), p.logProb(p.logits), p.klDivergence(p), p.entropy()]);
  tf.dispose([p.mean(), p.mode(), p.variance(), p.stddev()]);
  expect(tf.memory().numTensors).toBe(before);
});
