import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { type Constants, onHost, type Slot, withOps } from './adam-step.ts';

const constants: Constants = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-3,
  learningRate: 0.3,
  gradientScale: 1,
  correction1: 0.19,
  correction2: 0.0199,
};
const matrix = (seed: number) => tf.tensor2d(normal(12, seed), [3, 4]);
const slot = (weightDecay = 0): Slot => ({
  weight: tf.variable(matrix(1)),
  weightDecay,
  m: matrix(2),
  v: tf.square(matrix(3)),
});

// Each number is a sum of a few terms of size about 1, so float32 is off by some 2^-24 each; the quotient by some 1e-6.
it.each([
  [1, 0],
  [0.5, 0],
  [1, 0.2],
])('operations and loop make the same step, scale %d, decay %d', (gradientScale, weightDecay) => {
  const [a, b] = [slot(weightDecay), slot(weightDecay)];
  const gradient = matrix(4);
  withOps({ ...constants, gradientScale }, [[a, gradient]]);
  onHost({ ...constants, gradientScale }, [[b, gradient]]);
  for (const [x, y] of [
    [a.weight, b.weight],
    [a.m, b.m],
    [a.v, b.v],
  ] as const) {
    expect(x.shape).toEqual([3, 4]);
    const want = y.dataSync();
    for (const [i, got] of x.dataSync().entries())
      expect(Math.abs(got - want[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(want[i]!)));
  }
});

it.each([
  ['operations', withOps],
  ['loop', onHost],
])('%s: borrows the gradient, keeps nothing but the moments', (_, step) => {
  for (const [gradientScale, weightDecay] of [
    [1, 0],
    [0.5, 0.2],
  ] as const) {
    const it = slot(weightDecay);
    const gradient = matrix(4);
    const before = tf.memory().numTensors;
    step({ ...constants, gradientScale }, [[it, gradient]]);
    expect(tf.memory().numTensors).toBe(before);
    tf.tidy(() => step({ ...constants, gradientScale }, [[it, gradient]])); // a caller's tidy must not take the moments
    expect(tf.memory().numTensors).toBe(before);
    expect([gradient.isDisposed, it.m.isDisposed, it.v.isDisposed]).toEqual([false, false, false]);
  }
});
