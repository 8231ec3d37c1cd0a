import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { distance } from '../../tests/engines.ts';
import { numbers, PLACES, run, startPlace, withoutLeaks } from '../../tests/fused.ts';

const concatElu = (x: tf.Tensor) => run<tf.Tensor>('ProjConcatElu', { x });
const gated = (x: tf.Tensor, h: tf.Tensor) => run<tf.Tensor>('ProjGatedResidual', { x, h });

const elu = (x: number) => (x < 0 ? Math.expm1(x) : x);
const eluSlope = (x: number) => (x < 0 ? Math.exp(x) : 1);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const number = fc.double({ min: -30, max: 30, noNaN: true }).map(Math.fround);

/** Shapes [a, b, D] with their numbers of single and double width. */
const anyShape = fc.record({
  a: fc.integer({ min: 0, max: 3 }),
  b: fc.integer({ min: 1, max: 2 }),
  d: fc.integer({ min: 1, max: 9 }),
});

describe.each(PLACES)('on %s', (place) => {
  beforeEach(() => startPlace(place));

  // Golden: the definitions in float64, and their derivatives times what comes from above.
  it('ProjConcatElu is elu of x and of -x, and so is its gradient', () => {
    const property = fc.property(anyShape, fc.gen(), ({ a, b, d }, gen) => {
      const rows = a * b;
      const x = Array.from({ length: rows * d }, () => gen(() => number));
      const from = Array.from({ length: 2 * rows * d }, (_, i) => ((i % 7) - 3) / 2);
      const place = (i: number) => 2 * d * Math.floor(i / d) + (i % d);
      withoutLeaks(() =>
        tf.tidy(() => {
          const input = tf.tensor(x, [a, b, d]);
          const y = concatElu(input);
          expect(y.shape).toEqual([a, b, 2 * d]);
          const exact = new Array<number>(2 * x.length);
          x.forEach((v, i) => {
            exact[place(i)] = elu(v);
            exact[place(i) + d] = elu(-v);
          });
          expect(distance(numbers(y), exact)).toBeLessThan(1e-6);
          const dy = tf.tensor(from, [a, b, 2 * d]);
          const slope = numbers(tf.grad((t: tf.Tensor) => tf.sum(tf.mul(concatElu(t), dy)))(input));
          const exactSlope = x.map((v, i) => from[place(i)]! * eluSlope(v) - from[place(i) + d]! * eluSlope(-v));
          expect(distance(slope, exactSlope)).toBeLessThan(2e-6);
        }),
      );
    });
    fc.assert(property, { seed: 1, numRuns: 30 });
  });

  it('ProjGatedResidual is x + a sigmoid(b), and so are its gradients', () => {
    const property = fc.property(anyShape, fc.gen(), ({ a, b, d }, gen) => {
      const draw = (count: number) => Array.from({ length: count }, () => gen(() => number));
      const [x, h] = [draw(a * b * d), draw(2 * a * b * d)];
      const from = x.map((_, i) => ((i % 5) - 2) / 2);
      const place = (i: number) => 2 * d * Math.floor(i / d) + (i % d);
      withoutLeaks(() =>
        tf.tidy(() => {
          const inputs = [tf.tensor(x, [a, b, d]), tf.tensor(h, [a, b, 2 * d])] as const;
          const exact = x.map((v, i) => v + h[place(i)]! * sigmoid(h[place(i) + d]!));
          expect(distance(numbers(gated(...inputs)), exact)).toBeLessThan(1e-6);
          const dy = tf.tensor(from, [a, b, d]);
          const f = (t: tf.Tensor, u: tf.Tensor) => tf.sum(tf.mul(gated(t, u), dy));
          const [dx, dh] = tf
            .grads(f)([...inputs])
            .map(numbers) as [number[], number[]];
          expect(dx).toEqual(from.map((v) => v + 0));
          const exactDh = new Array<number>(h.length);
          from.forEach((g, i) => {
            const s = sigmoid(h[place(i) + d]!);
            exactDh[place(i)] = g * s;
            exactDh[place(i) + d] = g * h[place(i)]! * s * (1 - s);
          });
          expect(distance(dh, exactDh)).toBeLessThan(2e-6);
        }),
      );
    });
    fc.assert(property, { seed: 2, numRuns: 30 });
  });

  it('second derivatives are right', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[0.5, -2]]);
      const twice = tf.grad((t: tf.Tensor) => tf.sum(tf.grad((u: tf.Tensor) => tf.sum(concatElu(u)))(t)))(x);
      expect(distance(numbers(twice), [Math.exp(-0.5), Math.exp(-2)])).toBeLessThan(1e-6); // of |x|, e^-|x| - 1
      const h = tf.tensor2d([[3, 0.7]]);
      const zero = tf.zeros([1, 1]);
      const mixed = tf.grad((t: tf.Tensor) => tf.sum(tf.grad((u: tf.Tensor) => tf.sum(gated(zero, u)))(t)))(h);
      const s = sigmoid(0.7);
      const slope = s * (1 - s); // of a sigmoid(b): by a and b, once each way, and twice by b
      expect(distance(numbers(mixed), [slope, slope + 3 * slope * (1 - 2 * s)])).toBeLessThan(1e-5);
    });
  });

  it('NaN and infinities stay where they are', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[Number.NaN, Infinity, -Infinity, 1, 0]]);
      expect(numbers(concatElu(x)).slice(0, 3)).toEqual([Number.NaN, Infinity, -1]);
      expect(numbers(concatElu(x)).slice(5, 8)).toEqual([Number.NaN, -1, Infinity]);
      expect(numbers(gated(x, tf.zeros([1, 10]))).map(Number.isNaN)).toEqual([true, false, false, false, false]);
    });
  });

  it('names shapes and types that do not fit', () => {
    tf.tidy(() => {
      const message =
        'ProjGatedResidual: expected float32 x [..., D], h [..., 2D], got x float32 [2, 3], h float32 [2, 5].';
      expect(() => gated(tf.zeros([2, 3]), tf.zeros([2, 5]))).toThrow(message);
      expect(() => gated(tf.zeros([2, 3]), tf.zeros([1, 6]))).toThrow('got x float32 [2, 3], h float32 [1, 6]');
      expect(() => concatElu(tf.zeros([2], 'int32'))).toThrow(
        'ProjConcatElu: expected float32 x [..., D], got x int32 [2].',
      );
      const grad = () => run('ProjConcatEluGrad', { dy: tf.zeros([2, 4]), y: tf.zeros([2, 6]) });
      expect(grad).toThrow('ProjConcatEluGrad: expected float32 dy [..., 2D], y [..., 2D]');
    });
  });
});
