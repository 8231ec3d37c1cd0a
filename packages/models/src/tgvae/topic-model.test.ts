import { standardNormal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { bagLogProb, diversity } from './topic-model.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;

// By hand: t beta = (.25 .5 + .75 .1, .25 .3 + .75 .1, .25 .2 + .75 .8) = (.2, .15, .65); bag (2, 0, 1).
it('log p(d | t) of three words and two topics', () => {
  const beta = tf.tensor2d([
    [0.5, 0.3, 0.2],
    [0.1, 0.1, 0.8],
  ]);
  const bag = tf.tensor2d([
    [2, 0, 1],
    [0, 0, 0],
    [1, 3, 0],
  ]);
  const t = tf.tensor2d([
    [0.25, 0.75],
    [0.25, 0.75],
    [1, 0],
  ]);
  const [first, empty, third] = bagLogProb(bag, t, beta).arraySync();
  expect(first).toBeCloseTo(2 * Math.log(0.2) + Math.log(0.65), 6);
  expect(empty).toBe(0);
  expect(third).toBeCloseTo(Math.log(0.5) + 3 * Math.log(0.3), 6);
});

it('log p(d | t) stays finite where the topic rules a word out, and so does its gradient', () => {
  const beta = tf.tensor2d([[1, 0]]);
  const of = (t: tf.Tensor) => tf.sum(bagLogProb(tf.tensor2d([[1, 1]]), t as tf.Tensor2D, beta));
  const { value: logProb, grad } = tf.valueAndGrad(of)(tf.tensor2d([[1]]));
  expect(value(logProb)).toBeCloseTo(Math.log(1e-30), 2);
  expect(Number.isFinite(value(grad))).toBe(true);
});

// Angles of the pairs by hand: pi / 2 between (1, 0, 0) and the others' ends, pi / 4 between (0, 1, 0) and (0, .5, .5).
it('diversity is the mean of the angles between pairs of topics minus their variance', () => {
  const beta = tf.tensor2d([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0.5, 0.5],
  ]);
  const angles = [Math.PI / 2, Math.PI / 2, Math.PI / 4];
  const mean = angles.reduce((a, b) => a + b) / 3;
  const variance = angles.reduce((sum, angle) => sum + (angle - mean) ** 2, 0) / 3;
  expect(value(diversity(beta))).toBeCloseTo(mean - variance, 5);
  expect(value(diversity(tf.eye(4) as tf.Tensor2D))).toBeCloseTo(Math.PI / 2, 5);
  expect(value(diversity(tf.tensor2d([[0.2, 0.8]])))).toBe(0);
});

it('diversity of equal topics is nearly 0, and has a gradient that is finite', () => {
  const logits = tf.zeros([3, 4]);
  const of = (l: tf.Tensor) => diversity(tf.softmax(l as tf.Tensor2D));
  expect(value(of(logits))).toBeLessThan(2e-3);
  expect(tf.grad(of)(logits).dataSync().every(Number.isFinite)).toBe(true);
});

it('climbing the gradient of diversity turns topics away from each other', () => {
  let logits = standardNormal([4, 12], 1) as tf.Tensor2D;
  const of = (l: tf.Tensor) => diversity(tf.softmax(l as tf.Tensor2D));
  const before = value(of(logits));
  for (let i = 0; i < 100; i++) logits = tf.tidy(() => tf.add(logits, tf.mul(tf.grad(of)(logits), 5)));
  expect(value(of(logits))).toBeGreaterThan(before + 0.2);
});
