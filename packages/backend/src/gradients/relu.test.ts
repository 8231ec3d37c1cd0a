import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { beforeEach, describe, expect, it } from 'vitest';
import { numbers, PLACES, startPlace, withoutLeaks } from '../../tests/fused.ts';

describe.each(PLACES)('the gradient of relu, %s', (place) => {
  beforeEach(() => startPlace(place));

  it('is that of what comes in where x is positive, 0 elsewhere, NaN for NaN, for any length', () => {
    for (const length of [1, 2, 3, 4, 5, 11]) {
      withoutLeaks(() =>
        tf.tidy(() => {
          const x = Array.from({ length }, (_, i) => [2, -1, 0, -0, 1e-30, Number.NaN][i % 6]!);
          const dy = Array.from({ length }, (_, i) => i + 1);
          const [value, gradient] = [tf.tensor1d(x), tf.tensor1d(dy)];
          const got = numbers(tf.grad((t) => tf.relu(t))(value, gradient));
          expect(got).toEqual(x.map((v, i) => (Number.isNaN(v) ? Number.NaN : v > 0 ? dy[i]! : 0)));
        }),
      );
    }
  });

  it('can be differentiated again', () => {
    tf.tidy(() => {
      const cube = (x: tf.Tensor) => tf.relu(tf.mul(x, tf.square(x)));
      const second = tf.grad((x) => tf.sum(tf.grad(cube)(x)))(tf.tensor1d([2, -3]));
      expect(numbers(second)).toEqual([12, 0]); // 6 x where x > 0
    });
  });
});
