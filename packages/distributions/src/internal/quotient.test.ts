import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { expect, it } from 'vitest';
import { quotient } from './quotient.ts';

const value = (t: tf.Tensor) => t.dataSync()[0]!;
const close = (got: tf.Tensor, want: number) => expect(Math.abs(value(got) / want - 1)).toBeLessThan(1e-6);

// d (x / s) = dx / s - x / s^2 ds, where s^2 is not a number of float32.
it.each([1e-25, 1e25])('has finite gradients at a scale of %f', (s) => {
  const [dX, dScale] = tf.grads((x, scale) => quotient(tf.mul(x, s), scale))([tf.scalar(3), tf.scalar(s)]);
  close(dX!, 1);
  close(dScale!, -3 / s);
});

it('sums gradients over what was broadcast', () => {
  const [dX, dScale] = tf.grads((x, s) => tf.sum(quotient(x, s)))([tf.tensor([[1], [2]]), tf.tensor([2, 4, 8])]);
  expect(dX!.arraySync()).toEqual([[0.875], [0.875]]);
  expect(dScale!.arraySync()).toEqual([-3 / 4, -3 / 16, -3 / 64]);
});

it('has second derivatives: 2 x / s^3', () => {
  const second = tf.grad((s) => tf.grad((t) => quotient(tf.scalar(3), t))(s));
  expect(value(second(tf.scalar(2)))).toBeCloseTo(0.75, 6);
});

it('a gradient of 0 stays 0 where the quotient overflows', () => {
  const none = tf.grad((s: tf.Tensor) => tf.mul(0, tf.relu(tf.neg(quotient(tf.scalar(1e30), s)))));
  expect(value(none(tf.scalar(1e-30)))).toBe(0);
});
