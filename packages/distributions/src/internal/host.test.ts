import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hostNary, hostUnary } from './host.ts';

const numbers = (t: tf.Tensor) => [...t.dataSync()];

// x^3 with its derivative 3 x^2 from the same family, and a b + c^2.
const cube = hostUnary(
  (x) => x ** 3,
  (x) => tf.mul(3, square(x)),
);
const square = hostUnary(
  (x) => x ** 2,
  (x) => tf.mul(2, x),
);
const product = hostNary('product', ['a', 'b', 'c'], (a, b, c) => a * b + c * c, [
  (_a, b) => b!,
  (a) => a!,
  (_a, _b, c) => tf.mul(2, c!),
]);

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeAll(async () => {
    expect(await tf.setBackend(engine)).toBe(true);
  });
  afterAll(() => tf.setBackend('cpu'));

  it('one argument: value and derivatives of every order', () => {
    const x = tf.tensor([[1, -2, 3]]);
    expect(cube(x).shape).toEqual([1, 3]);
    expect(numbers(cube(x))).toEqual([1, -8, 27]);
    expect(numbers(tf.grad(cube)(x))).toEqual([3, 12, 27]);
    expect(numbers(tf.grad(tf.grad(cube))(x))).toEqual([6, -12, 18]);
    expect(numbers(tf.grad((t) => tf.sum(tf.mul(tf.grad(tf.grad(cube))(t), t)))(x))).toEqual([12, -24, 36]);
  });

  it('several arguments broadcast, and their gradients are summed back', () => {
    const a = tf.tensor([[1], [2]]); // [2, 1]
    const b = tf.tensor([10, 20, 30]); // [3]
    const c = tf.scalar(1);
    expect(numbers(product(a, b, c))).toEqual([11, 21, 31, 21, 41, 61]);
    const [da, db, dc] = tf.grads((p, q, r) => product(p, q, r))([a, b, c]);
    expect([da!.shape, numbers(da!)]).toEqual([
      [2, 1],
      [60, 60],
    ]);
    expect([db!.shape, numbers(db!)]).toEqual([[3], [3, 3, 3]]);
    expect([dc!.shape, numbers(dc!)]).toEqual([[], [12]]);
  });

  it('mixed second derivatives', () => {
    const byA = (a: tf.Tensor, b: tf.Tensor) => tf.grad((t) => product(t, b, 0))(a);
    expect(numbers(tf.grad((b) => byA(tf.tensor([3, 4]), b))(tf.tensor([5, 6])))).toEqual([1, 1]);
  });

  it('takes numbers, lists and whole numbers too', () => {
    expect(numbers(cube(2))).toEqual([8]);
    expect(numbers(product([1, 2], 3, tf.tensor([1, 1], [2], 'int32')))).toEqual([4, 7]);
    expect(numbers(cube(tf.tensor([], [0, 2])))).toEqual([]);
    expect(product(tf.tensor([], [0, 2]), 1, 1).shape).toEqual([0, 2]);
  });

  it('leaves nothing but its result, with and without gradients', () => {
    const x = tf.tensor([1, 2]);
    const before = tf.memory().numTensors;
    tf.dispose([cube(x), product(x, 1, [3, 4]), tf.grad(cube)(x), tf.grad((t) => product(t, t, 1))(x)]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('a derivative is computed only for what is differentiated, and a missing one says so', () => {
  const byA = vi.fn((_a?: tf.Tensor, b?: tf.Tensor) => b!);
  const f = hostNary('half', ['a', 'b'], (a, b) => a * b, [byA, undefined]);
  expect(numbers(tf.grad((a) => f(a, 7))(tf.scalar(2)))).toEqual([7]);
  expect(byA).toHaveBeenCalledTimes(1);
  expect(() => tf.grad((b) => f(2, b))(tf.scalar(7))).toThrow(/half: there is no derivative by b .* constant/);
  expect(byA).toHaveBeenCalledTimes(1);
});

it('shapes that do not broadcast throw with their names', () => {
  expect(() => product([1, 2], [1, 2, 3], 1)).toThrow(/product: the shapes must broadcast, got a \[2\] and b \[3\]/);
});
