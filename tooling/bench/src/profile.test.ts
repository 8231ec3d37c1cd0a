import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { profile } from './profile.ts';

it('counts calls and time of a unit, and leaves the kernels as they were', async () => {
  await tf.setBackend('cpu');
  const before = tf.getKernel('Exp', 'cpu').kernelFunc;
  const x = tf.ones([100_000]);
  const variant = {
    name: 'none',
    amount: 1,
    rateUnit: 'runs/s',
    run: () => tf.tidy(() => void tf.add(tf.exp(tf.exp(x)), 1)),
  };
  const { kernels, ms } = await profile(variant, 3);
  const of = (name: string) => kernels.find(({ kernel }) => kernel === name)!;
  expect(of('Exp').calls).toBe(2);
  expect(of('Add').calls).toBe(1);
  expect(of('Exp').ms).toBeGreaterThan(0);
  expect(kernels.reduce((sum, kernel) => sum + kernel.ms, 0)).toBeLessThanOrEqual(ms);
  expect(kernels.map((kernel) => kernel.ms)).toEqual(kernels.map((kernel) => kernel.ms).sort((a, b) => b - a));
  expect(tf.getKernel('Exp', 'cpu').kernelFunc).toBe(before);
});
