import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { expectGolden } from './fixtures/golden.ts';
import { dataDependentInit, weightNorm } from './weight-norm.ts';

// Golden: torch._weight_norm, fixtures/layers.py.
it('is that of PyTorch, and so are its gradients', () => {
  expectGolden('weight norm', ({ v, gain }) => weightNorm(v!, gain!));
  expectGolden('weight norm of a transposed kernel', ({ v, gain }) => weightNorm(v!, gain!, { axis: -2 }));
});

it('does not see the length of v, and leaves a filter of zeros', () => {
  const v = tf.tensor2d([3, 0, 4, 0], [2, 2]);
  const gain = tf.tensor1d([10, 7]);
  expect([...weightNorm(v, gain).dataSync()]).toEqual([6, 0, 8, 0].map(Math.fround));
  const longer = weightNorm(tf.mul(v, 1e3), gain);
  expect(tf.max(tf.abs(tf.sub(longer, weightNorm(v, gain)))).dataSync()[0]).toBeLessThan(1e-6);
  const slopes = tf.grad((t) => tf.sum(weightNorm(t, gain)))(v);
  expect([...slopes.dataSync()].every(Number.isFinite)).toBe(true);
});

// Filter 0 has outputs 1, 3: mean 2, variance 1; filter 1 has 5, 5: variance 0, so that only the 1e-10 is left.
it('starts from moments over everything but the filters', () => {
  const { gain, bias } = dataDependentInit(tf.tensor4d([1, 5, 3, 5], [2, 1, 1, 2]));
  const [first, second] = gain.dataSync();
  expect(first).toBeCloseTo(1, 6);
  expect(second).toBeCloseTo(1e5, -1);
  expect(bias.dataSync()[0]).toBeCloseTo(-2, 6);
  expect(bias.dataSync()[1]! / -5e5).toBeCloseTo(1, 5);
});

it('refuses a gain that is not one number a filter', () => {
  const gain = () => weightNorm(tf.ones([2, 3]), tf.ones([2]));
  expect(gain).toThrow(RangeError);
  expect(gain).toThrow('gain must be [F], a number for each filter of v along axis -1, got [2] and [2, 3].');
});

it('leaves nothing behind but its results', () => {
  const [v, gain] = [tf.ones([2, 3]), tf.ones([3])];
  const before = tf.memory().numTensors;
  tf.dispose([weightNorm(v, gain), Object.values(dataDependentInit(v))]);
  expect(tf.memory().numTensors).toBe(before);
});
