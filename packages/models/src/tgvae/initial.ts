import { normal, uniform } from '@proj/distributions/random';

/** Rows of [rows, columns] at right angles to each other and of length 1, as Keras starts recurrent kernels. rows <= columns. */
export function orthogonal(rows: number, columns: number, seed: number): Float32Array {
  const matrix = Float64Array.from(normal(rows * columns, seed));
  for (let i = 0; i < rows; i++) {
    const row = matrix.subarray(i * columns, (i + 1) * columns);
    for (let twice = 0; twice < 2; twice++) {
      for (let k = 0; k < i; k++) {
        const other = matrix.subarray(k * columns, (k + 1) * columns);
        const along = dot(row, other);
        for (let j = 0; j < columns; j++) row[j]! -= along * other[j]!;
      }
    }
    const length = Math.sqrt(dot(row, row));
    for (let j = 0; j < columns; j++) row[j]! /= length;
  }
  return Float32Array.from(matrix);
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Draws from U(-limit, limit). */
export const spread = (count: number, limit: number, seed: number): Float32Array =>
  uniform(count, seed).map((u) => limit * (2 * u - 1));
