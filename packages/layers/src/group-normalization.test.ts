import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { expectGolden, expectLayerGolden } from './fixtures/golden.ts';
import { AdaptiveGroupNormalization, GroupNormalization, groupNormalization } from './group-normalization.ts';
import { layerNormalization } from './layer-normalization.ts';

// Golden: torch.nn.functional.group_norm with eps 1e-3, fixtures/layers.py.
it('is that of PyTorch, and so are its gradients', () => {
  expectGolden('group normalisation', ({ x, gamma, beta }) => groupNormalization(x!, gamma!, beta!, { groups: 2 }));
  expectLayerGolden('group normalisation', new GroupNormalization({ groups: 2 }), {
    inputs: ['x'],
    weights: ['gamma', 'beta'],
  });
});

it('the adaptive one is that of PyTorch with 1 + scale and shift, gradients too', () => {
  expectLayerGolden('adaptive group normalisation', new AdaptiveGroupNormalization({ groups: 3 }), {
    inputs: ['x', 'condition'],
    weights: ['kernel', 'bias'],
  });
});

it('gives every group mean 0 and variance 1, of one element at a time', () => {
  const x = tf.mul(tf.add(tf.randomNormal([2, 4, 3, 6], 0, 1, 'float32', 1), 7), tf.tensor4d([1, 100], [2, 1, 1, 1]));
  const y = new GroupNormalization({ groups: 3, epsilon: 1e-6 }).apply(x) as tf.Tensor;
  const { mean, variance } = tf.moments(tf.reshape(y, [2, 12, 3, 2]), [1, 3]);
  for (const value of mean.dataSync()) expect(Math.abs(value)).toBeLessThan(1e-5);
  for (const value of variance.dataSync()) expect(Math.abs(value - 1)).toBeLessThan(1e-4);
});

it('with one group and no places is a layer normalisation; with an empty batch, nothing', () => {
  const x = tf.randomNormal([3, 4], 0, 1, 'float32', 1);
  const [gamma, beta] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([0, 1, 0, 1])];
  const off = tf.sub(groupNormalization(x, gamma, beta, { groups: 1 }), layerNormalization(x, gamma, beta));
  expect(tf.max(tf.abs(off)).dataSync()[0]).toBeLessThan(1e-6);
  expect(groupNormalization(tf.zeros([0, 2, 4]), gamma, beta, { groups: 2 }).shape).toEqual([0, 2, 4]);
});

it('the adaptive one starts as the plain one', () => {
  const x = tf.randomNormal([2, 3, 4], 0, 1, 'float32', 1);
  const plain = new GroupNormalization({ groups: 2 }).apply(x) as tf.Tensor;
  const adaptive = new AdaptiveGroupNormalization({ groups: 2 }).apply([x, tf.ones([2, 5])]) as tf.Tensor;
  expect(adaptive.arraySync()).toEqual(plain.arraySync());
});

it.each<[() => unknown, string]>([
  [() => new GroupNormalization({ groups: 0 }), 'GroupNormalization: groups must be a positive integer, got 0.'],
  [() => new GroupNormalization({ groups: 2, epsilon: 0 }), 'GroupNormalization: epsilon must be positive, got 0.'],
  [
    () => new GroupNormalization({ groups: 4 }).build([null, 3, 6]),
    'groups must divide the channels, got 4 groups of 6 channels.',
  ],
  [
    () => groupNormalization(tf.ones([2, 4]), tf.ones([4]), tf.ones([3]), { groups: 2 }),
    'gamma and beta [C], got [2, 4], [4], [3].',
  ],
  [
    () => new AdaptiveGroupNormalization({ groups: 2 }).build([null, 3, 6]),
    'and a condition [B, N] with a known N, got no condition.',
  ],
  [
    () => new AdaptiveGroupNormalization({ groups: 2 }).apply([tf.ones([2, 4]), tf.ones([2, 3, 4])]),
    'with a known N, got a condition [2, 3, 4].',
  ],
])('refuses what does not fit: %s', (run, message) => {
  expect(run).toThrow(RangeError);
  expect(run).toThrow(message);
});
