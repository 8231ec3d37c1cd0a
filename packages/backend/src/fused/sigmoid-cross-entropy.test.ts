import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { beforeEach, describe, expect, it } from 'vitest';
import { distance } from '../../tests/engines.ts';
import { numbers, PLACES, run, startPlace, withoutLeaks } from '../../tests/fused.ts';

const LOGITS = [-30, 0.5, 2, -1, 80, 1e-6];
const PIXELS = [0, 1, 0.25, 1, 1, 0.5];
const sigmoid = (l: number) => 1 / (1 + Math.exp(-l));

const crossEntropy = (x: tf.Tensor, logits: tf.Tensor, gradient: boolean) =>
  run<tf.Tensor[]>('ProjSigmoidCrossEntropy', { x, logits }, { gradient });

describe.each(PLACES)('ProjSigmoidCrossEntropy, %s', (place) => {
  beforeEach(() => startPlace(place));

  // Golden: softplus(l) - x l, sigmoid(l) - x and -l in float64; the rows count 1 and 3.
  it.each([true, false])('value and gradients are the closed form, asked for in the same pass: %s', (gradient) => {
    withoutLeaks(() =>
      tf.tidy(() => {
        const [x, logits] = [tf.tensor2d(PIXELS, [2, 3]), tf.tensor2d(LOGITS, [2, 3])];
        const terms = LOGITS.map((l, i) => Math.max(l, 0) + Math.log1p(Math.exp(-Math.abs(l))) - PIXELS[i]! * l);
        const outputs = crossEntropy(x, logits, gradient);
        expect(outputs.length).toBe(gradient ? 2 : 1);
        const sum = (from: number) => terms[from]! + terms[from + 1]! + terms[from + 2]!;
        expect(distance(numbers(outputs[0]!), [sum(0), sum(3)])).toBeLessThan(1e-6);
        if (gradient)
          expect(
            distance(
              numbers(outputs[1]!),
              LOGITS.map((l, i) => sigmoid(l) - PIXELS[i]!),
            ),
          ).toBeLessThan(1e-6);
        const [byX, byLogits] = tf.grads((a, b) => tf.sum(tf.mul([1, 3], crossEntropy(a, b, gradient)[0]!)))([
          x,
          logits,
        ]);
        const weight = (i: number) => (i < 3 ? 1 : 3);
        expect(
          distance(
            numbers(byX!),
            LOGITS.map((l, i) => -l * weight(i)),
          ),
        ).toBeLessThan(1e-6);
        expect(
          distance(
            numbers(byLogits!),
            LOGITS.map((l, i) => (sigmoid(l) - PIXELS[i]!) * weight(i)),
          ),
        ).toBeLessThan(1e-6);
      }),
    );
  });

  it('second derivatives are right: sigmoid (1 - sigmoid)', () => {
    tf.tidy(() => {
      const [x, logits] = [tf.tensor2d(PIXELS, [2, 3]), tf.tensor2d(LOGITS, [2, 3])];
      const first = (l: tf.Tensor) => tf.grad((t) => tf.sum(crossEntropy(x, t, false)[0]!))(l);
      const second = tf.grad((l) => tf.sum(first(l)))(logits);
      expect(
        distance(
          numbers(second),
          LOGITS.map((l) => sigmoid(l) * (1 - sigmoid(l))),
        ),
      ).toBeLessThan(1e-6);
    });
  });

  it('says which shapes and types do not fit', () => {
    tf.tidy(() => {
      expect(() => crossEntropy(tf.zeros([2, 3], 'int32'), tf.zeros([2, 3]), false)).toThrow(
        'ProjSigmoidCrossEntropy: x and logits must be float32 [B, D] of one shape, got x int32 [2, 3], logits float32 [2, 3].',
      );
    });
  });
});
