import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { numbers, onEngines } from '../tests/on-engines.ts';
import { Categorical } from './categorical.ts';
import { OneHotCategorical } from './one-hot-categorical.ts';
import { OneHotCategoricalStraightThrough } from './one-hot-categorical-straight-through.ts';

const rowsOf = (t: tf.Tensor, k: number): number[][] => {
  const flat = numbers(t);
  return Array.from({ length: flat.length / k }, (_, i) => flat.slice(i * k, (i + 1) * k));
};

onEngines((engine) => {
  it.each([OneHotCategorical, OneHotCategoricalStraightThrough])(
    '%o draws exactly one 1, where Categorical draws',
    (Family) => {
      const logits = [
        [0, 0, 0, 0],
        [5, -1, 2, Number.NEGATIVE_INFINITY],
      ];
      const draws = new Family(logits).sample({ sampleShape: [500], seed: 1 });
      expect(draws.dtype).toBe('float32');
      const classes = numbers(new Categorical(logits).sample({ sampleShape: [500], seed: 1 }));
      rowsOf(draws, 4).forEach((row, i) => {
        expect(row).toEqual([0, 1, 2, 3].map((k) => Number(k === classes[i])));
      });
    },
  );

  it('logProb is linear where a draw meets it, and -Infinity for an impossible class', () => {
    const p = new OneHotCategorical([1, Number.NEGATIVE_INFINITY, 0]);
    const logP = [-Math.log1p(Math.exp(-1)), 0, -Math.log1p(Math.E)]; // what the impossible class passes is 0
    const [likely, never] = numbers(
      p.logProb([
        [1, 0, 0],
        [0, 1, 0],
      ]),
    );
    expect(likely).toBeCloseTo(logP[0]!, 6);
    expect(never).toBe(-Infinity);
    numbers(tf.grad((x: tf.Tensor) => p.logProb(x))(tf.tensor([1, 0, 0]))).forEach((g, k) => {
      expect(g).toBeCloseTo(logP[k]!, 6);
    });
  });

  it('the mode of a tie is its first class', () => {
    expect(numbers(new OneHotCategorical([0, 2, 2]).mode())).toEqual([0, 1, 0]);
  });

  // Closed form, and that of torch.distributions.OneHotCategoricalStraightThrough.rsample: d(w . p)/dl_k = p_k (w_k - w . p).
  it('a straight-through draw has the gradient of the probabilities', () => {
    const logits = tf.tensor([0.5, -1, 2]);
    const w = [3, -2, 1];
    const f = (Family: typeof OneHotCategorical | typeof OneHotCategoricalStraightThrough) => (l: tf.Tensor) =>
      tf.sum(tf.mul(new Family(l).sample({ sampleShape: [5], seed: 2 }), tf.tensor(w)));
    const p = numbers(tf.softmax(logits));
    const mean = p.reduce((sum, v, k) => sum + v * w[k]!, 0);
    numbers(tf.grad(f(OneHotCategoricalStraightThrough))(logits)).forEach((g, k) => {
      expect(Math.abs(g - 5 * p[k]! * (w[k]! - mean))).toBeLessThan(2e-6);
    });
    expect(numbers(tf.grad(f(OneHotCategorical))(logits))).toEqual([0, 0, 0]);
  });

  if (engine !== 'cpu') return;
  it('takes probabilities', () => {
    for (const Family of [OneHotCategorical, OneHotCategoricalStraightThrough]) {
      const p = Family.fromProbs([0.25, 0.75]);
      expect(p).toBeInstanceOf(Family);
      expect(numbers(p.mean()).map((v) => Math.round(v * 1e6))).toEqual([250_000, 750_000]);
      expect(() => Family.fromProbs([2, -1], { validateArgs: true })).toThrow(
        /parameter probs of shape \[2\] must be on the simplex/,
      );
    }
  });
});
