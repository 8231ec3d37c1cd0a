import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { Bernoulli, Independent } from '@proj/distributions';
import { expect, it } from 'vitest';
import { sigmoidCrossEntropy } from './sigmoid-cross-entropy.ts';

// Closed form in float64: softplus(l) - x l, and sigmoid(l) - x.
it('has the value and the gradient of the formula, also for pixels made inside the gradient', () => {
  const logits = [
    [-3, 0, 2],
    [0.5, -40, 40],
  ];
  const pixels = [
    [0, 1, 0.25],
    [1, 0, 1],
  ];
  const value = logits.map((row, i) =>
    row.reduce((sum, l, j) => sum + Math.max(l, 0) + Math.log1p(Math.exp(-Math.abs(l))) - pixels[i]![j]! * l, 0),
  );
  const gradient = logits.map((row, i) => row.map((l, j) => 1 / (1 + Math.exp(-l)) - pixels[i]![j]!));
  const loss = (l: tf.Tensor2D) => tf.tidy(() => sigmoidCrossEntropy(tf.div(tf.tensor2d(pixels), 1), l));
  const got = tf.valueAndGrad((l: tf.Tensor) => tf.sum(loss(l as tf.Tensor2D)))(tf.tensor2d(logits));
  const perImage = loss(tf.tensor2d(logits)).dataSync();
  value.forEach((v, i) => {
    expect(perImage[i]).toBeCloseTo(v, 5);
  });
  const grads = got.grad.arraySync() as number[][];
  gradient.flat().forEach((g, i) => {
    expect(grads.flat()[i]).toBeCloseTo(g, 6);
  });
});

it('is minus the log-probability of the distribution, and so is its gradient', () => {
  const x = tf.tensor2d([0, 1, 0.25, 1, 0, 0.5], [2, 3]);
  const logits = tf.tensor2d([-30, 0.5, 2, -1, 80, -0.1], [2, 3]);
  const ours = tf.valueAndGrad((l) => tf.sum(tf.mul([1, 3], sigmoidCrossEntropy(x, l as tf.Tensor2D))))(logits);
  const theirs = tf.valueAndGrad((l) => {
    const likelihood = new Independent(new Bernoulli(l), 1);
    return tf.neg(tf.sum(tf.mul([1, 3], likelihood.logProb(x))));
  })(logits);
  expect(ours.value.dataSync()[0]).toBeCloseTo(theirs.value.dataSync()[0]!, 4);
  expect(tf.max(tf.abs(tf.sub(ours.grad, theirs.grad))).dataSync()[0]).toBeLessThan(1e-6);
});

it('leaves nothing behind but its results', () => {
  const [x, logits] = [tf.ones([2, 3]) as tf.Tensor2D, tf.zeros([2, 3]) as tf.Tensor2D];
  const before = tf.memory().numTensors;
  const { value, grad } = tf.valueAndGrad((l) => tf.sum(sigmoidCrossEntropy(x, l as tf.Tensor2D)))(logits);
  tf.dispose([value, grad, sigmoidCrossEntropy(x, logits)]);
  expect(tf.memory().numTensors).toBe(before);
});
