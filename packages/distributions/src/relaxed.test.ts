import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { ExpRelaxedOneHotCategorical } from './exp-relaxed-one-hot-categorical.ts';
import { RelaxedBernoulli } from './relaxed-bernoulli.ts';
import { RelaxedOneHotCategorical } from './relaxed-one-hot-categorical.ts';
import { standardGumbel } from './standard.ts';
import { straightThrough } from './straight-through.ts';

const near = (got: number[], golden: number[], tolerance: number) => {
  expect(got.length).toBe(golden.length);
  got.forEach((v, i) => {
    expect(Math.abs(v - golden[i]!)).toBeLessThanOrEqual(tolerance);
  });
};
const PROBS = [0.7, 0.2, 0.1];
/** Logits with which the noise of `seed` gives log PROBS + (0.1, -0.2, 0.3): the class adds that noise again. */
const logitsFor = (seed: number) => {
  const noise = numbers(standardGumbel([3], seed));
  return [0.1, -0.2, 0.3].map((g, k) => Math.log(PROBS[k]!) + g - noise[k]!);
};

onEngines((engine) => {
  // Golden: systems.md 8.5.
  it.each([
    [1, [0.721423, 0.152698, 0.125878]],
    [0.5, [0.930019, 0.041666, 0.028315]],
    [1e-3, [1, 0, 0]],
    [1e6, [1 / 3, 1 / 3, 1 / 3]],
  ])('softmax((logits + g) / temperature), temperature %f', (temperature, golden) => {
    const x = numbers(new RelaxedOneHotCategorical(temperature, logitsFor(5)).sample({ seed: 5 }));
    near(x, golden, 1.5e-6);
    expect(Math.abs(x.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-6);
    const y = numbers(new ExpRelaxedOneHotCategorical(temperature, logitsFor(5)).sample({ seed: 5 }));
    near(y.map(Math.exp), golden, 1.5e-6);
  });

  // Golden: TFP 0.25 in float64, log_prob of tfd.RelaxedOneHotCategorical(.5, logits=[1, -.5, 0]), of tfd.ExpRelaxed... at the
  // logarithm, and of tfd.RelaxedBernoulli(.75, logits=-1.5).
  it('densities', () => {
    const [temperature, logits] = [0.5, [1, -0.5, 0]];
    const x = [
      [0.5, 0.25, 0.25],
      [0.0625, 0.875, 0.0625],
    ];
    near(
      numbers(new RelaxedOneHotCategorical(temperature, logits).logProb(x)),
      [-0.8567276996712456, 0.09823066472190956],
      2e-6,
    );
    const y = x.map((row) => row.map(Math.log));
    near(
      numbers(new ExpRelaxedOneHotCategorical(temperature, logits).logProb(y)),
      [-4.322463602470972, -5.5804781723821755],
      4e-6,
    );
    const bernoulli = new RelaxedBernoulli(0.75, -1.5).logProb([0.125, 0.5, 0.9375]);
    near(numbers(bernoulli), [0.5385851006952772, -0.8042142672973952, -1.039300895558135], 1e-6);
  });

  it('of two classes it is RelaxedBernoulli', () => {
    const x = [0.01, 0.3, 0.5, 0.98].map(Math.fround);
    const pair = new RelaxedOneHotCategorical(0.6, [1.25, 0]).logProb(x.map((v) => [v, 1 - v]));
    near(numbers(pair), numbers(new RelaxedBernoulli(0.6, 1.25).logProb(x)), 3e-6);
  });

  it('stays inside its support, with a finite density, at temperatures where float32 has only 0 and 1', () => {
    const logits = tf.tensor([1, 0, -1]);
    const hot = new RelaxedOneHotCategorical(1e-4, logits).sampleAndLogProb({ sampleShape: [200], seed: 1 });
    const coin = new RelaxedBernoulli(1e-4, [-1, 1]);
    const { sample, logProb } = coin.sampleAndLogProb({ sampleShape: [200], seed: 1 });
    for (const v of [...numbers(hot.logProb), ...numbers(logProb)]) expect(Number.isFinite(v)).toBe(true);
    expect(Math.min(...numbers(hot.sample), ...numbers(sample))).toBe(2 ** -126);
    expect(Math.max(...numbers(sample))).toBe(1 - 2 ** -24);
    expect(numbers(coin.logProb(sample)).every(Number.isFinite)).toBe(true);
  });

  it('the cdf of RelaxedBernoulli ends at 0 and 1', () => {
    const p = new RelaxedBernoulli(0.5, 0.25);
    expect(numbers(p.cdf([-1, 0, 1, 2]))).toEqual([0, 0, 1, 1]);
    expect(numbers(p.survival([-1, 0, 1, 2]))).toEqual([1, 1, 0, 0]);
    expect(numbers(p.logCdf([0, 1]))).toEqual([-Infinity, -0]);
    expect(numbers(p.logSurvival([0, 1]))).toEqual([-0, -Infinity]);
    expect(numbers(p.quantile([0, 1]))).toEqual([0, 1]);
  });

  // systems.md 8.5.
  it('made straight-through, a draw is exactly one-hot and has the gradient of the soft one', () => {
    const logits = tf.tensor([0.5, -0.5, 0]);
    const w = tf.tensor([1, -2, 4]);
    const soft = (l: tf.Tensor) => new RelaxedOneHotCategorical(0.5, l).sample({ sampleShape: [20], seed: 4 });
    const hard = (l: tf.Tensor) => {
      const y = soft(l);
      return straightThrough(tf.oneHot(tf.argMax(y, -1), 3), y);
    };
    const y = hard(logits);
    expect(new Set(numbers(y))).toEqual(new Set([0, 1]));
    expect(numbers(tf.sum(y, -1))).toEqual(new Array(20).fill(1));
    const gradient = (f: (l: tf.Tensor) => tf.Tensor) =>
      numbers(tf.grad((l: tf.Tensor) => tf.sum(tf.mul(f(l), w)))(logits));
    expect(gradient(hard)).toEqual(gradient(soft));
    expect(gradient(soft).some((g) => Math.abs(g) > 0.1)).toBe(true);
  });

  // systems.md 8.5: d/dl E[w . one-hot] = p_k (w_k - w . p), exactly; a relaxed draw's gradient is biased for it.
  it('as the temperature falls the gradient tends to the enumerated one, and its variance grows', () => {
    const logits = tf.tensor([0.5, -0.5, 0]);
    const w = tf.tensor([1, -2, 4]);
    const p = numbers(tf.softmax(logits));
    const mean = p.reduce((sum, v, k) => sum + v * numbers(w)[k]!, 0);
    const exact = p.map((v, k) => v * (numbers(w)[k]! - mean));
    const n = 20_000;
    const at = (temperature: number) => {
      // One row of logits for each draw: its own gradient.
      const rows = tf.grad((l: tf.Tensor) => {
        const hotter = tf.square(new RelaxedOneHotCategorical(temperature, l).sample({ seed: 6 })); // not linear: more biased
        return tf.sum(tf.mul(hotter, w));
      })(tf.tile(tf.expandDims(logits, 0), [n, 1]));
      const { mean: m, variance } = tf.moments(rows, 0);
      const bias = Math.hypot(...numbers(m).map((g, k) => g - exact[k]!));
      return { bias, variance: numbers(tf.sum(variance))[0]!, error: Math.sqrt(numbers(tf.sum(variance))[0]! / n) };
    };
    const [hot, warm, cold] = [at(2), at(0.5), at(0.1)];
    expect(warm.bias).toBeLessThan(hot.bias - 5 * Math.hypot(warm.error, hot.error));
    expect(cold.bias).toBeLessThan(warm.bias - 5 * Math.hypot(cold.error, warm.error));
    expect(cold.bias).toBeLessThan(0.02 + 5 * cold.error);
    expect(warm.variance).toBeGreaterThan(2 * hot.variance);
    expect(cold.variance).toBeGreaterThan(2 * warm.variance);
  });

  if (engine !== 'cpu') return;
  it('straightThrough casts, and refuses different shapes', () => {
    const got = straightThrough(tf.tensor([1, 0], [2], 'int32'), tf.tensor([0.5, 0.5]));
    expect([got.dtype, numbers(got)]).toEqual(['float32', [1, 0]]);
    expect(() => straightThrough(tf.zeros([2]), tf.zeros([1, 2]))).toThrow(
      new RangeError('straightThrough: hard and soft must have one shape, got [2] and [1, 2].'),
    );
  });
});
