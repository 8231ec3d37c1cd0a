import { expect, it } from 'vitest';
import { psnr } from './psnr.ts';

// Closed form: 10 log10(1 / mse); 0.0554 is PCA with two components on MNIST.
it.each([
  [1, 0],
  [0.01, 20],
  [0.0554, 12.564902352715702],
  [0, Infinity],
])('psnr of a mean squared error of %f', (mse, golden) => {
  expect(psnr(mse)).toBeCloseTo(golden, 10);
});

it.each([-1, Number.NaN])('refuses %f', (mse) => {
  expect(() => psnr(mse)).toThrow(/must not be negative/);
});
