import { normal } from '@proj/distributions/random';

/**
 * A random matrix [rows, columns] with orthonormal columns, or rows if those are fewer: uniform over all such (Haar measure), as the
 * normal draws behind it have no preferred direction. By Gram-Schmidt, made twice over against rounding.
 * Source: Saxe et al. 2013, arXiv:1312.6120 (as a first value of recurrent kernels).
 */
export function orthogonal([rows, columns]: readonly [number, number], seed: number): Float32Array {
  const [count, size] = [Math.min(rows, columns), Math.max(rows, columns)];
  const draws = normal(count * size, seed);
  const basis: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const v = Float64Array.from(draws.subarray(i * size, (i + 1) * size));
    for (const other of [...basis, ...basis]) {
      const along = dot(v, other);
      for (let d = 0; d < size; d++) v[d]! -= along * other[d]!;
    }
    const length = Math.sqrt(dot(v, v));
    basis.push(v.map((x) => x / length));
  }
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < size; d++) values[rows <= columns ? i * columns + d : d * columns + i] = basis[i]![d]!;
  }
  return values;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
