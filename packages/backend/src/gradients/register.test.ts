import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { REFERENCE } from '../../tests/engines.ts';
import { useEngine } from '../index.ts';

const mirrored = (x: tf.Tensor) => tf.sum(tf.mirrorPad(tf.mul(x, x), [[1, 1]], 'reflect'));
const slope = () =>
  Array.from(
    tf.tidy(() =>
      tf
        .grad(mirrored)(tf.tensor1d([1, 2, 3]))
        .dataSync(),
    ),
  );
const [RIGHT, TFJS] = [
  [2, 12, 6],
  [2, 4, 6], // forgets the mirrored ones
];

// tfjs-layers registers tfjs's gradients, wrong ones too, over ours.
const early = /^node/.test(REFERENCE) ? ' (skipped: tfjs-node brings tfjs-layers, there is no later)' : '';
it.skipIf(early !== '')(`tfjs-layers may come later: the next call puts the gradients right${early}`, async () => {
  await useEngine('cpu');
  await import('@tensorflow/tfjs-layers');
  expect(slope()).toEqual(TFJS);
  await useEngine('cpu');
  expect(slope()).toEqual(RIGHT);
});

it('calling again wraps nothing twice', async () => {
  await useEngine('cpu');
  await useEngine('wasm');
  const names = ['MaxPoolGrad', 'GatherV2', 'Cumsum', 'Einsum', 'Conv2D', 'BatchMatMul', 'StridedSlice'];
  const kernels = () =>
    names.flatMap((name) => [tf.getKernel(name, 'wasm').kernelFunc, tf.getKernel(name, 'cpu').kernelFunc]);
  const before = kernels();
  await useEngine('cpu');
  await useEngine('wasm');
  expect(kernels()).toEqual(before);
  expect(tf.getGradient('Cumsum')).toBeDefined();
  expect(slope()).toEqual(RIGHT);
});
