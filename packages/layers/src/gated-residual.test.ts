import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { concatElu } from './concat-elu.ts';
import { expectGolden } from './fixtures/golden.ts';
import { gatedResidual } from './gated-residual.ts';

// Golden: the same in PyTorch's operations, fixtures/layers.py.
it('is that of PyTorch, and so are its gradients', () => {
  expectGolden('concat elu', ({ x }) => concatElu(x!));
  expectGolden('gated residual', ({ x, h }) => gatedResidual(x!, h!));
});

it('refuses a branch that is not twice as wide', () => {
  const run = () => gatedResidual(tf.ones([2, 3]), tf.ones([2, 3]));
  expect(run).toThrow(RangeError);
  expect(run).toThrow('gatedResidual: x must be [..., D] and h [..., 2D], got [2, 3] and [2, 3].');
});

it('leaves nothing behind but its results', () => {
  const [x, h] = [tf.ones([2, 3]), tf.ones([2, 6])];
  const before = tf.memory().numTensors;
  tf.dispose([concatElu(x), gatedResidual(x, h)]);
  expect(tf.memory().numTensors).toBe(before);
});
