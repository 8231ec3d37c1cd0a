import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { logHypot } from './log-hypot.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;

// Closed form: log hypot(3 k, 4 k) = log 5 k; its gradient (x, y) / (25 k^2).
it.each([1e-30, 1, 1e30])('is right at %f', (k) => {
  const [x, y] = [tf.scalar(-3 * k), tf.scalar(4 * k)];
  expect(value(logHypot(x, y)) / Math.log(5 * k)).toBeCloseTo(1, 6);
  const [dX, dY] = tf.grads((a, b) => logHypot(a, b))([x, y]);
  expect(value(dX!) * k).toBeCloseTo(-3 / 25, 6);
  expect(value(dY!) * k).toBeCloseTo(4 / 25, 6);
});

it('is exact where one is far smaller: log(1 + 1e-8) / 2', () => {
  expect(value(logHypot(tf.scalar(1), tf.scalar(1e-4))) / 5e-9).toBeCloseTo(1, 5);
});
