import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { constant } from './constant.ts';

const numbers = (t: tf.Tensor) => [...t.dataSync()];

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeAll(async () => {
    expect(await tf.setBackend(engine)).toBe(true);
  });
  afterAll(() => tf.setBackend('cpu'));

  it('a mask lets the gradient of both branches pass', () => {
    const f = (x: tf.Tensor) => tf.where(constant((t) => tf.greater(t, 0))(x), tf.square(x), tf.mul(3, x));
    expect(numbers(f(tf.tensor([-1, 2])))).toEqual([-3, 4]);
    expect(numbers(tf.grad(f)(tf.tensor([-1, 2])))).toEqual([3, 4]);
    expect(numbers(tf.grad(tf.grad(f))(tf.tensor([-1, 2])))).toEqual([0, 2]);
  });

  it('is a constant to every argument, whatever its shape', () => {
    const larger = constant((a, b) => tf.maximum(a!, b!));
    const f = (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.add(a, b), larger(a, b));
    const [da, db] = tf.grads(f)([tf.tensor([1, 5]), tf.scalar(2)]);
    expect(numbers(da!)).toEqual([2, 5]);
    expect(numbers(db!)).toEqual([7]);
  });

  it('alone has the gradient zero', () => {
    expect(numbers(tf.grad(constant((t) => tf.round(t)))(tf.tensor([3.2, -4])))).toEqual([0, 0]);
  });

  it('of the identity stops a gradient', () => {
    const f = (x: tf.Tensor) => tf.mul(x, constant((t) => t)(x));
    expect(numbers(tf.grad(f)(tf.tensor([3, -4])))).toEqual([3, -4]);
  });

  it('leaves nothing but its result', () => {
    const x = tf.tensor([1, 2]);
    const before = tf.memory().numTensors;
    const mask = constant((t) => tf.logicalNot(tf.greater(t, 1)))(x);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(mask.dtype).toBe('bool');
    tf.dispose([mask, x]);
  });
});
