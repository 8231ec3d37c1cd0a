import * as tf from '@tensorflow/tfjs-core';
import { checkPositiveInteger } from '../internal/check.ts';
import { normalQuantile } from '../internal/normal-quantile.ts';

/** n numbers that cut N(0, 1) into equal shares: its quantiles at (i + 1/2) / n, ascending. */
export function normalQuantiles(n: number): number[] {
  checkPositiveInteger('normalQuantiles', 'n', n);
  return Array.from({ length: n }, (_, i) => normalQuantile((i + 0.5) / n));
}

/** n x n pairs of those quantiles, [n n, 2], row-major: see `Vae.latentGrid`. */
export function latentGrid(n: number): Float32Array {
  const quantiles = normalQuantiles(n);
  const codes = new Float32Array(n * n * 2);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      codes[2 * (row * n + column)] = quantiles[column] as number;
      codes[2 * (row * n + column) + 1] = quantiles[n - 1 - row] as number;
    }
  }
  return codes;
}

/**
 * A code with one of its dimensions set to each of `values`, the others as they are: [Z] or [1, Z] -> [n, Z]. Decoded, it shows
 * what that dimension means. For `values` take `normalQuantiles(n)`, or steps such as -3 to 3.
 *
 * @throws RangeError unless it is one code, the dimension one of its, and there is a value.
 */
export function traverse(code: tf.Tensor, dimension: number, values: readonly number[]): tf.Tensor2D {
  const latent = checkCode('traverse', 'code', code);
  if (!(Number.isInteger(dimension) && dimension >= 0 && dimension < latent)) {
    throw new RangeError(`traverse: dimension must be an integer from 0 to ${latent - 1}, got ${dimension}.`);
  }
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(`traverse: values must be finite numbers, at least one, got [${values.join(', ')}].`);
  }
  return tf.tidy(() => {
    const oneHot = Array.from({ length: latent }, (_, d) => Number(d === dimension)); // tf.oneHot takes no depth of 1
    const here = tf.tensor2d(oneHot, [1, latent]);
    const others = tf.mul(tf.reshape(code, [1, latent]), tf.sub(1, here));
    return tf.add(others, tf.mul(tf.tensor2d([...values], [values.length, 1]), here));
  });
}

/** Of the sine of the angle between codes: below, they are as good as parallel, and a straight line it is. */
const PARALLEL = 1e-3;

/**
 * Codes on the way from `a` to `b`, both included: [Z] or [1, Z] each -> [steps, Z].
 *
 * In a straight line, or with `spherical` along the arc between their directions, on which draws from N(0, I) of many dimensions lie
 * (a straight line passes nearer to 0 than any draw does). Opposite directions have no one arc: there too it is the line.
 * Source: Shoemake 1985 (slerp); White 2016, arXiv:1609.04468.
 *
 * @throws RangeError unless both are one code of one size, and steps is an integer from 2.
 */
export function interpolate(
  a: tf.Tensor,
  b: tf.Tensor,
  steps: number,
  { spherical = false }: { spherical?: boolean } = {},
): tf.Tensor2D {
  const latent = checkCode('interpolate', 'a', a);
  if (checkCode('interpolate', 'b', b) !== latent) {
    throw new RangeError(`interpolate: a and b must be of one size, got ${latent} and ${b.size}.`);
  }
  if (!(Number.isSafeInteger(steps) && steps >= 2)) {
    throw new RangeError(`interpolate: steps must be an integer from 2, got ${steps}.`);
  }
  return tf.tidy(() => {
    const [from, to] = [a, b].map((code) => tf.reshape(code, [1, latent])) as [tf.Tensor2D, tf.Tensor2D];
    const t = tf.tensor2d(
      Array.from({ length: steps }, (_, i) => i / (steps - 1)),
      [steps, 1],
    );
    const rest = tf.sub(1, t);
    const mix = (w: tf.Tensor, v: tf.Tensor) => tf.add<tf.Tensor2D>(tf.mul(w, from), tf.mul(v, to));
    if (!spherical) return mix(rest, t);
    const lengths = tf.mul(tf.norm(from), tf.norm(to));
    const cosine = tf.div(tf.sum(tf.mul(from, to)), tf.maximum(lengths, 1e-30));
    const angle = tf.acos(tf.clipByValue(cosine, -1, 1));
    const sine = tf.sin(angle);
    const isParallel = tf.less(sine, PARALLEL);
    const safe = tf.where(isParallel, tf.onesLike(sine), sine);
    const share = (u: tf.Tensor) => tf.where(isParallel, u, tf.div(tf.sin(tf.mul(u, angle)), safe));
    return mix(share(rest), share(t));
  });
}

/** Z of one code. */
function checkCode(who: string, name: string, { shape, size }: tf.Tensor): number {
  const isOne = shape.length === 1 || (shape.length === 2 && shape[0] === 1);
  if (isOne && size > 0) return size;
  throw new RangeError(
    `${who}: ${name} must be one code, [Z] or [1, Z], got [${shape.join(', ')}]. Slice a row of it.`,
  );
}
