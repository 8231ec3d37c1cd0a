import { expect, it } from 'vitest';
import { orthogonal } from './orthogonal.ts';

it.each([
  [64, 192],
  [7, 7],
  [1, 4],
] as [number, number][])('[%i, %i] has orthonormal rows', (rows, columns) => {
  const m = orthogonal(rows, columns, 3);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let d = 0; d < columns; d++) product += m[i * columns + d]! * m[j * columns + d]!;
      expect(Math.abs(product - Number(i === j))).toBeLessThan(1e-6);
    }
  }
});

// A row of a Haar matrix is uniform on the sphere: its first number has the mean 0 and the variance 1 / size. 5 standard errors.
it('has no preferred direction', () => {
  const firsts = Array.from({ length: 2000 }, (_, seed) => orthogonal(4, 4, seed)[0]!);
  const mean = firsts.reduce((a, b) => a + b) / firsts.length;
  const variance = firsts.reduce((a, b) => a + b * b, 0) / firsts.length;
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 4 / firsts.length));
  // E x^4 = 3 / (4 * 6) on the sphere of four dimensions, so Var x^2 = 1/8 - 1/16.
  expect(Math.abs(variance - 1 / 4)).toBeLessThan(5 * Math.sqrt(1 / 16 / firsts.length));
});
