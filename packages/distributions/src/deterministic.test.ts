import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { Deterministic } from './deterministic.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;

it('is loc for sure', () => {
  const p = new Deterministic([1, 2]);
  const all = (x: number) => [p.prob(x), p.cdf(x), p.survival(x), p.logProb(x)].map((t) => [...t.dataSync()]);
  expect(all(1)).toEqual([
    [1, 0],
    [1, 0],
    [0, 1],
    [0, -Infinity],
  ]);
  expect([...p.sample({ sampleShape: [2] }).dataSync()]).toEqual([1, 2, 1, 2]);
  expect([...p.quantile([0.1, 1]).dataSync()]).toEqual([1, 2]);
  expect([p.entropy(), p.variance(), p.stddev()].map((t) => [...t.dataSync()])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

it('KL is 0 or Infinity', () => {
  const kl = new Deterministic([1, 2]).klDivergence(new Deterministic(1));
  expect([...kl.dataSync()]).toEqual([0, Infinity]);
});

it('passes gradients through draws, and none through probabilities', () => {
  const draw = tf.grad((loc: tf.Tensor) => tf.sum(new Deterministic(loc).sample({ sampleShape: [3] })));
  expect(value(draw(tf.scalar(2)))).toBe(3);
  const logProb = tf.grads((x: tf.Tensor, loc: tf.Tensor) => new Deterministic(loc).logProb(x));
  for (const x of [2, 3]) expect(logProb([tf.scalar(x), tf.scalar(2)]).map(value)).toEqual([0, 0]);
});
