import { normal } from '@proj/distributions/random';

/**
 * A matrix [rows, columns], rows <= columns, with orthonormal rows, drawn uniformly from all of them: rows of normal draws made
 * orthogonal one after the other (Gram-Schmidt, in float64), whose signs so need no correction. Keras's first recurrent kernel.
 * Source: Saxe et al. 2013, arXiv:1312.6120; Mezzadri 2006, arXiv:math-ph/0609050.
 */
export function orthogonal(rows: number, columns: number, seed: number): Float32Array {
  const values = Float64Array.from(normal(rows * columns, seed));
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * columns, (r + 1) * columns);
    for (let s = 0; s < r; s++) {
      const other = values.subarray(s * columns, (s + 1) * columns);
      const share = dot(row, other);
      for (let i = 0; i < columns; i++) row[i]! -= share * other[i]!;
    }
    const length = Math.sqrt(dot(row, row));
    for (let i = 0; i < columns; i++) row[i]! /= length;
  }
  return Float32Array.from(values);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
