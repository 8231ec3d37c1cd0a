import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { useEngine } from '../index.ts';

const slope = () =>
  tf.tidy(() =>
    tf
      .grad((x) => tf.sum(tf.cumsum(tf.mul(x, x), -2)))(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      )
      .dataSync(),
  );

// tfjs-layers registers tfjs's gradients, wrong ones too, over ours.
it('tfjs-layers may come later: the next call puts the gradients right', async () => {
  await useEngine('cpu');
  await import('@tensorflow/tfjs-layers');
  expect(slope).toThrow();
  await useEngine('cpu');
  expect(Array.from(slope())).toEqual([4, 8, 6, 8]);
});

it('calling again wraps nothing twice', async () => {
  await useEngine('wasm');
  const names = ['MaxPoolGrad', 'GatherV2', 'Cumsum', 'Einsum', 'Conv2D', 'BatchMatMul', 'StridedSlice'];
  const kernels = () =>
    names.flatMap((name) => [tf.getKernel(name, 'wasm').kernelFunc, tf.getKernel(name, 'cpu').kernelFunc]);
  const before = kernels();
  await useEngine('cpu');
  await useEngine('wasm');
  expect(kernels()).toEqual(before);
  expect(tf.getGradient('Cumsum')).toBeDefined();
  expect(Array.from(slope())).toEqual([4, 8, 6, 8]);
});
