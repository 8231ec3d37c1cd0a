import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { arrayDataset } from './dataset.ts';

it('copies the items asked for, in that order', () => {
  const data = arrayDataset(
    Float32Array.from({ length: 12 }, (_, i) => i + 0.5),
    [2, 2],
  );
  expect(data.size).toBe(3);
  const batch = data.batch(Uint32Array.of(2, 0, 2));
  expect(batch.shape).toEqual([3, 2, 2]);
  expect(batch.dtype).toBe('float32');
  expect([...batch.dataSync()]).toEqual([8.5, 9.5, 10.5, 11.5, 0.5, 1.5, 2.5, 3.5, 8.5, 9.5, 10.5, 11.5]);
});

it('scales bytes to [0, 1], or as told', () => {
  const bytes = Uint8Array.of(0, 51, 255);
  const numbers = (options?: { scale: number }) =>
    arrayDataset(bytes, [1], options)
      .batch(Uint32Array.of(0, 1, 2))
      .dataSync();
  expect(numbers()).toEqual(Float32Array.of(0, 0.2, 1));
  expect(numbers({ scale: 1 })).toEqual(Float32Array.of(0, 51, 255));
  const floats = arrayDataset(Float32Array.of(1, 2), [], { scale: 3 }).batch(Uint32Array.of(1, 0));
  expect(floats.shape).toEqual([2]);
  expect(floats.dataSync()).toEqual(Float32Array.of(6, 3));
});

it('makes one tensor a batch and shares no memory with it', () => {
  const numbers = Float32Array.of(1, 2);
  const data = arrayDataset(numbers, [2]);
  const before = tf.memory().numTensors;
  const batch = data.batch(Uint32Array.of(0));
  expect(tf.memory().numTensors).toBe(before + 1);
  numbers[0] = 9;
  expect([...batch.dataSync()]).toEqual([1, 2]);
});

it('gives an empty batch for no indices', () => {
  expect(arrayDataset(Float32Array.of(1, 2), [2]).batch(new Uint32Array(0)).shape).toEqual([0, 2]);
});

it.each([
  [
    () => arrayDataset([1, 2] as unknown as Float32Array, [1]),
    TypeError,
    'must be a Float32Array or a Uint8Array, got Array',
  ],
  [() => arrayDataset(new Float32Array(5), [2]), RangeError, 'whole items of shape [2], 2 numbers each, got 5 numbers'],
  [() => arrayDataset(new Float32Array(0), [2]), RangeError, 'got 0 numbers'],
  [() => arrayDataset(new Float32Array(4), [2, 0]), RangeError, 'itemShape must hold positive integers, got [2,0]'],
  [() => arrayDataset(new Uint8Array(4), [2], { scale: Number.NaN }), RangeError, 'scale must be finite, got NaN'],
  [() => arrayDataset(new Uint8Array(4), [2]).batch(Uint32Array.of(2)), RangeError, 'index must be below 2, got 2'],
])('refuses what it cannot serve: %#', (run, kind, message) => {
  expect(run).toThrow(kind);
  expect(run).toThrow(message);
});
