import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { Categorical } from './categorical.ts';
import { klDivergence } from './kl-divergence.ts';

const near = (got: tf.Tensor, golden: number[], relative = 1e-6) => {
  const found = numbers(got);
  expect(found.length).toBe(golden.length);
  found.forEach((v, i) => {
    const error = v === golden[i] ? 0 : Math.abs(v - golden[i]!); // equal infinities
    expect(error).toBeLessThanOrEqual(relative * Math.abs(golden[i]!));
  });
};
const NO = Number.NEGATIVE_INFINITY;

onEngines((engine) => {
  // Golden: log(exp(l) / sum(exp(l))) in mpmath 1.3 with 40 digits.
  it.each([
    [
      [3, -1, 0.5],
      [-0.0956743294143823, -4.095674329414383, -2.5956743294143823],
    ],
    [
      [0, -14, -20],
      [-8.335895252901616e-7, -14.000000833589525, -20.000000833589525],
    ], // the likely class too, in all digits
    [
      [1e30, 0, NO],
      [0, -1e30, NO],
    ],
  ])('logProb of each class, logits %j', (logits, golden) => {
    near(new Categorical(logits).logProb([0, 1, 2]), golden);
    near(new Categorical(logits).logProb(tf.tensor([0, 1, 2], [3], 'int32')), golden);
  });

  // Golden: TFP 0.25, float64: entropy(), kl_divergence(), cdf(), mean() and variance() of tfd.Categorical(logits=[3, -1, .5])
  // and [0, 1, 0]; the last entropy is mpmath's.
  it('entropy, KL both ways, cdf, mean and variance', () => {
    const [p, q] = [new Categorical([3, -1, 0.5]), new Categorical([0, 1, 0])];
    near(p.entropy(), [0.3487412966820077]);
    near(klDivergence(p, q), [1.1860588986407712]);
    near(klDivergence(q, p), [1.9546679333541903]);
    near(p.cdf([0, 1, 2]), [0.90875992, 0.92540444, 1]);
    near(p.mean(), [0.1658356328737012]);
    near(p.variance(), [0.28752529000750904]);
    near(new Categorical([0, -14, -20]).entropy(), [1.2516204926678998e-5], 3e-6);
  });

  // Golden: systems.md 8.5; the closed forms log K and 0.
  it('KL from the uniform', () => {
    const uniform = new Categorical([0, 0, 0]);
    const kl = (probs: number[]) => numbers(klDivergence(Categorical.fromProbs(probs), uniform))[0]!;
    expect(Math.abs(kl([0.7, 0.2, 0.1]) - 0.2967937)).toBeLessThan(2e-7);
    expect(Math.abs(kl([0, 1, 0]) - Math.log(3))).toBeLessThan(2e-7);
    expect(kl([1, 1, 1])).toBe(0);
  });

  // Golden: systems.md 8.5. Chi-square with 2 degrees of freedom: above 28 once in 1.2 million seeds.
  it('argmax(logits + Gumbel noise) is drawn as often as it should be', () => {
    const n = 100_000;
    const probs = [0.7, 0.2, 0.1];
    const draws = Categorical.fromProbs(probs).sample({ sampleShape: [n], seed: 0 });
    expect(draws.dtype).toBe('int32');
    const counts = [0, 0, 0];
    for (const k of numbers(draws)) counts[k]!++;
    const chi = probs.reduce((sum, p, k) => sum + (counts[k]! - n * p) ** 2 / (n * p), 0);
    expect(chi).toBeLessThan(28);
  });

  it('impossible classes are never drawn, add nothing, and pass no gradient', () => {
    const logits = tf.tensor([0.5, NO, -0.5]);
    const possible = tf.tensor([0.5, -0.5]);
    const p = new Categorical(logits);
    const q = new Categorical([-1, 0, 0]);
    expect(new Set(numbers(p.sample({ sampleShape: [2000], seed: 1 })))).toEqual(new Set([0, 2]));
    near(p.logProb([0, 1, 2]), [numbers(p.logProb(0))[0]!, NO, numbers(p.logProb(2))[0]!]);
    near(p.entropy(), numbers(new Categorical(possible).entropy()));
    near(klDivergence(p, q), numbers(klDivergence(new Categorical([0.5, -200, -0.5]), q)));
    near(klDivergence(q, p), [Number.POSITIVE_INFINITY]);
    expect(numbers(klDivergence(p, p))).toEqual([0]);
    near(p.cdf([0, 1, 2]), [1, 1].map(() => numbers(tf.sigmoid(1))[0]!).concat(1));
    const gradient = (f: (c: Categorical) => tf.Tensor) =>
      numbers(tf.grad((l: tf.Tensor) => f(new Categorical(l)))(logits));
    for (const f of [
      (c: Categorical) => c.entropy(),
      (c: Categorical) => c.klDivergence(q),
      (c: Categorical) => c.logProb(0),
    ]) {
      const [a, b, c] = gradient(f);
      expect(b).toBe(0);
      expect(Math.abs(a! + c!)).toBeLessThan(1e-6);
      expect(Math.abs(a!)).toBeGreaterThan(0.01);
    }
  });

  it('the cdf steps at the classes, and keeps its digits near 0 and 1', () => {
    const p = new Categorical([0, -14, -20]);
    expect(numbers(p.cdf([-1, -0.5]))).toEqual([0, 0]);
    expect(numbers(p.survival([2, 7.5]))).toEqual([0, 0]);
    near(p.logCdf([-1, 2]), [NO, 0]);
    expect(numbers(p.cdf([0.5, 1.5]))).toEqual(numbers(p.cdf([0, 1])));
    // exp(-14) + exp(-20) and exp(-20), over their sum with 1: mpmath as above.
    near(p.survival([0, 1]), [8.335891778545098e-7, 2.061151904283204e-9]);
    near(p.logCdf([0, 1]), [-8.335895252901616e-7, -2.061151906407378e-9]);
    near(p.logSurvival([0, 1]), [-13.997525148451794, -20.000000833589525]);
  });

  it('draws pass a gradient of 0, so that the score function works', () => {
    const logits = tf.tensor([1, 0, -1]);
    const surrogate = (l: tf.Tensor) => {
      const p = new Categorical(l);
      return tf.sum(p.logProb(p.sample({ sampleShape: [50], seed: 3 })));
    };
    const draws = numbers(new Categorical(logits).sample({ sampleShape: [50], seed: 3 }));
    const probs = numbers(tf.softmax(logits));
    numbers(tf.grad(surrogate)(logits)).forEach((g, k) => {
      const count = draws.filter((x) => x === k).length;
      expect(Math.abs(g - (count - 50 * probs[k]!))).toBeLessThan(1e-4);
    });
  });

  if (engine !== 'cpu') return;
  it('takes probabilities, whose logits it owns', () => {
    const before = tf.memory().numTensors;
    const p = Categorical.fromProbs([0.25, 0.75]);
    expect(tf.memory().numTensors).toBe(before + 1);
    near(p.prob([0, 1]), [0.25, 0.75]);
    p.dispose();
    expect(() => Categorical.fromProbs([0.5, 0.6], { validateArgs: true })).toThrow(
      /^Categorical: parameter probs of shape \[2\] must be on the simplex .* got \[0.5, 0.6000000238418579\]/,
    );
  });

  it('the mode is the first of the likeliest, int32', () => {
    const mode = new Categorical([
      [1, 3, 3],
      [2, 2, 0],
    ]).mode();
    expect([mode.dtype, numbers(mode)]).toEqual(['int32', [1, 0]]);
  });

  it('refuses to compare different numbers of classes', () => {
    expect(() => klDivergence(new Categorical([0, 0]), new Categorical([0, 0, 0]))).toThrow(
      new RangeError('klDivergence: p and q must have as many classes, got 2 of p and 3 of q.'),
    );
    expect(() => klDivergence(new Categorical([0]), new Categorical([0, 0, 0]))).toThrow('got 1 of p and 3 of q.');
  });
});
