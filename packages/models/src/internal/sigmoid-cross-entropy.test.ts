import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
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
