import { Independent, klDivergence, Normal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { gaussianKl } from './gaussian-kl.ts';

const inputs = () =>
  [tf.tensor2d([0, 1, -3, 0.5, 2, -0.1], [2, 3]), tf.tensor2d([0, -5, 4, 0.1, -1, 1e-3], [2, 3])] as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];

it('is the divergence of the distributions, and so is its gradient', () => {
  const [loc, logVariance] = inputs();
  const prior = new Independent(new Normal(tf.zeros([3]), tf.ones([3])), 1);
  const theirs = (m: tf.Tensor, v: tf.Tensor) =>
    klDivergence(new Independent(new Normal(m, tf.exp(tf.div(v, 2))), 1), prior);
  const ours = (m: tf.Tensor, v: tf.Tensor) => gaussianKl(m as tf.Tensor2D, v as tf.Tensor2D);
  const [a, b] = [ours, theirs].map((f) => [
    f(loc, logVariance),
    ...tf.grads((m, v) => tf.sum(tf.mul([1, 3], f(m, v))))([loc, logVariance]),
  ]);
  expect(a![0]!.shape).toEqual([2]);
  a!.forEach((t, i) => {
    const gap = tf.max(tf.abs(tf.sub(t, b![i]!))).dataSync()[0]!;
    expect(gap).toBeLessThan(1e-5 * Math.max(1, tf.max(tf.abs(t)).dataSync()[0]!));
  });
});

it('leaves nothing behind but its results', () => {
  const [loc, logVariance] = inputs();
  const before = tf.memory().numTensors;
  gaussianKl(loc, logVariance).dispose();
  tf.grad((m) => tf.sum(gaussianKl(m as tf.Tensor2D, logVariance)))(loc).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
