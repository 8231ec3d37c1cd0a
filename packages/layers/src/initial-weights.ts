import { normal, uniform } from '@proj/distributions/random';
import { shown } from './internal/check.ts';

/**
 * First values of a kernel of any rank, as Keras has them: U(-a, a), a = sqrt(6 / (fan in + fan out)). The last two axes of the
 * shape are features in and out, those before them taps. From our own generator: the same on every engine.
 * Source: Glorot & Bengio 2010, AISTATS.
 */
export function glorotUniform(shape: readonly number[], seed: number): Float32Array {
  const taps = shape.slice(0, -2).reduce((product, n) => product * n, 1);
  const [fanIn, fanOut] = [taps * (shape.at(-2) ?? 1), taps * (shape.at(-1) ?? 1)];
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return uniform(fanIn * (shape.at(-1) ?? 1), seed).map((u) => limit * (2 * u - 1));
}

/**
 * First values of a recurrent kernel, row by row: rows of length 1 at right angles where there are no more rows than columns, else
 * such columns; uniform among all of them. They are the Q of normal draws, with a positive diagonal of R.
 * Source: Saxe et al. 2013, arXiv:1312.6120; Stewart 1980, doi:10.1137/0717034.
 *
 * @throws RangeError unless the shape is two positive integers.
 */
export function orthogonal(shape: readonly [rows: number, columns: number], seed: number): Float32Array {
  const [rows, columns] = shape;
  if (shape.length !== 2 || !shape.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new RangeError(`orthogonal: the shape must be two positive integers, got ${shown(shape)}.`);
  }
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors = orthonormal(count, length, Float64Array.from(normal(count * length, seed)));
  if (rows <= columns) return Float32Array.from(vectors);
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => vectors[(i % columns) * length + Math.floor(i / columns)]!,
  );
}

/** `count` rows of `length`, in place. Gram-Schmidt; each row meets the earlier ones twice, which makes it stable. */
function orthonormal(count: number, length: number, vectors: Float64Array): Float64Array {
  const row = (i: number) => vectors.subarray(i * length, (i + 1) * length);
  for (let j = 0; j < count; j++) {
    const own = row(j);
    for (let i = 0; i < 2 * j; i++) add(own, row(i % j), -dot(own, row(i % j)));
    const scale = 1 / Math.sqrt(dot(own, own));
    for (let k = 0; k < length; k++) own[k]! *= scale;
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** a += factor b. */
function add(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i]! += factor * b[i]!;
}
