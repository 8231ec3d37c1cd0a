import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { glorotUniform, orthogonal } from './initial-weights.ts';

/** Row i of a matrix times row j. */
const product = (matrix: Float32Array, columns: number, i: number, j: number): number =>
  Array.from({ length: columns }, (_, k) => matrix[i * columns + k]! * matrix[j * columns + k]!).reduce(
    (a, b) => a + b,
  );

const transposed = (matrix: Float32Array, columns: number): Float32Array => {
  const rows = matrix.length / columns;
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
};

it.each([
  [128, 128],
  [20, 80],
  [7, 3],
  [1, 5],
])("orthogonal %i x %i: U U' = I, or U'U", (rows, columns) => {
  const matrix = orthogonal([rows, columns], 3);
  expect(matrix.length).toBe(rows * columns);
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors = rows <= columns ? matrix : transposed(matrix, columns);
  for (let i = 0; i < count; i++) {
    // Sums of up to 128 products of float32 numbers, each off by 6e-8 of itself.
    for (let j = 0; j <= i; j++)
      expect(Math.abs(product(vectors, length, i, j) - (i === j ? 1 : 0))).toBeLessThan(1e-6);
  }
});

// Of a matrix A with rows a, b the Q with a positive diagonal is a / |a|, and b less its part along a, scaled: by hand.
it('orthogonal: the Q of the normal draws, with a positive diagonal of R', () => {
  const [a, b] = [normal(6, 5).slice(0, 3), normal(6, 5).slice(3)];
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  const rest = b.map((v, i) => v - (dot(a, b) / dot(a, a)) * a[i]!);
  const wanted = [a.map((v) => v / Math.sqrt(dot(a, a))), rest.map((v) => v / Math.sqrt(dot(rest, rest)))];
  for (const [i, v] of wanted.flatMap((row) => [...row]).entries()) expect(orthogonal([2, 3], 5)[i]).toBeCloseTo(v, 5);
});

it('orthogonal: one seed, one matrix; another seed, another', () => {
  expect(orthogonal([4, 4], 0)).toEqual(orthogonal([4, 4], 0));
  expect(orthogonal([4, 4], 0)).not.toEqual(orthogonal([4, 4], 1));
  expect(() => orthogonal([0, 4], 0)).toThrow(
    new RangeError('orthogonal: the shape must be two positive integers, got [0, 4].'),
  );
});

// U(-a, a) has variance a^2 / 3 = 2 / (fan in + fan out), of whose estimate the standard error is sqrt(0.8 / n) of itself.
it.each([[[100, 512], 612] as const, [[3, 3, 64, 128], 9 * 192] as const])('glorotUniform %j', (shape, fans) => {
  const values = glorotUniform(shape, 0);
  expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
  const limit = Math.sqrt(6 / fans);
  expect(values.every((v) => Math.abs(v) <= limit)).toBe(true);
  const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  expect(Math.abs(variance / (2 / fans) - 1)).toBeLessThan(5 * Math.sqrt(0.8 / values.length));
});
