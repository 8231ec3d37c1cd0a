import { normal } from '@proj/distributions/random';

/** The plane on which rows of numbers vary most. */
export interface PrincipalPlane {
  /** [D]. */
  readonly mean: Float64Array;
  /** Orthonormal, [D] each; zeros where nothing varies. */
  readonly axes: readonly [Float64Array, Float64Array];
  /** Shares of the variance that lie along them, the larger first; 0 where nothing varies. */
  readonly shares: readonly [number, number];
}

/** Enough for two components that stand out; between components that are alike any directions will do. */
const ITERATIONS = 100;

/**
 * The first two principal components of rows [M, D]. The largest number of each axis is positive.
 *
 * Source: orthogonal iteration, Golub & Van Loan 2013, Matrix Computations, 8.2.4, with a last rotation within the plane (Rayleigh-Ritz).
 */
export function principalPlane(rows: Float32Array, width: number): PrincipalPlane {
  const mean = meanOf(rows, width);
  const covariance = covarianceOf(rows, mean);
  let variance = 0;
  for (let i = 0; i < width; i++) variance += covariance[i * width + i]!;
  const axes = [Float64Array.from(normal(width, 0)), Float64Array.from(normal(width, 1))] as [
    Float64Array,
    Float64Array,
  ];
  orthonormalize(axes);
  if (!(variance > 0)) return { mean, axes: [new Float64Array(width), new Float64Array(width)], shares: [0, 0] };
  for (let i = 0; i < ITERATIONS; i++) {
    axes[0] = times(covariance, axes[0]);
    axes[1] = times(covariance, axes[1]);
    orthonormalize(axes);
  }
  const variances = rotate(axes, covariance);
  for (const axis of axes) pointUp(axis);
  return { mean, axes, shares: [variances[0] / variance, variances[1] / variance] };
}

/** Rows [M, D] on the plane, [M, 2]. */
export function project(rows: Float32Array, { mean, axes }: PrincipalPlane): Float32Array {
  const width = mean.length;
  return Float32Array.from({ length: (2 * rows.length) / width }, (_, i) => {
    const [at, axis] = [(i >> 1) * width, axes[(i & 1) as 0 | 1]];
    let sum = 0;
    for (let j = 0; j < width; j++) sum += (rows[at + j]! - mean[j]!) * axis[j]!;
    return sum;
  });
}

function meanOf(rows: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  rows.forEach((value, i) => {
    mean[i % width]! += value;
  });
  return mean.map((sum) => (sum * width) / rows.length);
}

/** [D, D]. */
function covarianceOf(rows: Float32Array, mean: Float64Array): Float64Array {
  const width = mean.length;
  const count = rows.length / width;
  const covariance = new Float64Array(width * width);
  const row = new Float64Array(width);
  for (let at = 0; at < rows.length; at += width) {
    for (let i = 0; i < width; i++) row[i] = rows[at + i]! - mean[i]!;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) covariance[i * width + j]! += (row[i]! * row[j]!) / count;
    }
  }
  return covariance;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const width = vector.length;
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += matrix[i * width + j]! * vector[j]!;
    return sum;
  });
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** In place. A second axis that has nothing of its own becomes zeros. */
function orthonormalize([first, second]: readonly [Float64Array, Float64Array]): void {
  const length = Math.hypot(...first) || 1;
  first.forEach((value, i) => {
    first[i] = value / length;
  });
  const before = Math.hypot(...second);
  const along = dot(first, second);
  second.forEach((value, i) => {
    second[i] = value - along * first[i]!;
  });
  const rest = Math.hypot(...second);
  const scale = rest > 1e-9 * before ? 1 / rest : 0; // below that it is rounding
  second.forEach((value, i) => {
    second[i] = value * scale;
  });
}

/** Turns the axes within their plane to its own principal components; the variances along them, the larger first. */
function rotate(axes: [Float64Array, Float64Array], covariance: Float64Array): [number, number] {
  const [u, v] = axes;
  const [cu, cv] = [times(covariance, u), times(covariance, v)];
  const [a, b, c] = [dot(u, cu), dot(u, cv), dot(v, cv)];
  const angle = Math.atan2(2 * b, a - c) / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  axes[0] = u.map((value, i) => cos * value + sin * v[i]!);
  axes[1] = v.map((value, i) => cos * value - sin * u[i]!);
  const spread = Math.hypot((a - c) / 2, b);
  return [(a + c) / 2 + spread, Math.max(0, (a + c) / 2 - spread)];
}

/** Of an axis and its opposite the one whose largest number is positive. */
function pointUp(axis: Float64Array): void {
  const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  if (largest >= 0) return;
  axis.forEach((value, i) => {
    axis[i] = -value;
  });
}
