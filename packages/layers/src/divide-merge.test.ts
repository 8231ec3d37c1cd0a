import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { Divide, type DivideOptions, divide, Merge, type MergeOptions, merge } from './divide-merge.ts';

const counted = (shape: number[]) => tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape);
const numbers = (length: number) => Array.from({ length }, (_, i) => i);

// Shapes: systems.md 1.4. Both axes count in the result; the order of the numbers stays.
it.each<[number[], DivideOptions, number[]]>([
  [[12, 5], { inputAxis: 0, outputAxis: 1, factor: 4, insert: true }, [3, 4, 5]], // the encoder's groups
  [[3, 20], { inputAxis: -1, outputAxis: -2, factor: 5, insert: true }, [3, 5, 4]],
  [[3, 20], { inputAxis: -2, outputAxis: -1, factor: 4, insert: true }, [3, 5, 4]],
  [[6, 2, 5], { inputAxis: 0, outputAxis: 2, factor: 3 }, [2, 2, 15]],
  [[6, 2], { inputAxis: 0, outputAxis: 1, factor: 1 }, [6, 2]],
])('divides %j by %o: %j', (from, options, to) => {
  const y = divide(counted(from), options);
  expect(y.shape).toEqual(to);
  expect([...y.dataSync()]).toEqual(numbers(tf.util.sizeFromShape(from)));
  expect(new Divide(options).computeOutputShape(from)).toEqual(to);
  expect((new Divide(options).apply(counted(from)) as tf.Tensor).shape).toEqual(to);
});

it.each<[number[], MergeOptions, number[]]>([
  [[3, 4, 5], { leftAxis: 1, rightAxis: 2 }, [3, 20]], // the encoder's
  [[3, 4, 5], { leftAxis: 0, rightAxis: 1 }, [12, 5]], // the decoder's
  [[3, 4, 5], { leftAxis: 0, rightAxis: -1 }, [15, 4]],
  [[3, 4, 5], { leftAxis: 0, rightAxis: -1, left: false }, [4, 15]],
])('merges %j by %o: %j', (from, options, to) => {
  const y = merge(counted(from), options);
  expect(y.shape).toEqual(to);
  expect([...y.dataSync()]).toEqual(numbers(60));
  expect(new Merge(options).computeOutputShape(from)).toEqual(to);
  expect((new Merge(options).apply(counted(from)) as tf.Tensor).shape).toEqual(to);
});

it('leaves unknown sizes unknown', () => {
  const divided = new Divide({ inputAxis: 0, outputAxis: 1, factor: 4, insert: true });
  expect(divided.computeOutputShape([null, 5])).toEqual([null, 4, 5]);
  expect(new Merge({ leftAxis: 0, rightAxis: 1 }).computeOutputShape([null, 4, 5])).toEqual([null, 5]);
});

it('merge undoes divide', () => {
  const x = counted([12, 5]);
  const back = merge(divide(x, { inputAxis: 0, outputAxis: 1, factor: 4, insert: true }), {
    leftAxis: 0,
    rightAxis: 1,
  });
  expect(back.arraySync()).toEqual(x.arraySync());
});

it.each<[() => unknown, string]>([
  [
    () => divide(counted([6, 5]), { inputAxis: 0, outputAxis: 1, factor: 4 }),
    'divide: 4 does not divide axis 0 of [6, 5]. Pad it to a multiple.',
  ],
  [
    () => divide(counted([6, 5]), { inputAxis: 0, outputAxis: 2, factor: 2 }),
    'outputAxis must be an integer from -2 to 1, got 2.',
  ],
  [
    () => divide(counted([6, 5]), { inputAxis: 1, outputAxis: -1, factor: 2 }),
    'the two axes must differ, got axis 1 twice.',
  ],
  [() => new Divide({ inputAxis: 0, outputAxis: 1, factor: 0 }), 'Divide: factor must be a positive integer, got 0.'],
  [() => merge(counted([6, 5]), { leftAxis: 0, rightAxis: 0 }), 'merge: the two axes must differ, got axis 0 twice.'],
  [
    () => new Merge({ leftAxis: 0.5, rightAxis: 1 }).apply(counted([6, 5])),
    'Merge: leftAxis must be an integer from -2 to 1, got 0.5.',
  ],
])('refuses what it cannot do: %s', (run, message) => {
  expect(run).toThrow(RangeError);
  expect(run).toThrow(message);
});
