// Covariances over [D] in float64 on the host, of the two kinds that a mixture of Gaussians is fitted with. Rows of data
// lie one after the other.

/** One kind of covariance: how it is estimated, and the density it gives. */
export interface CovarianceKind {
  /** How many numbers one covariance is. */
  size(d: number): number;
  /** Of the rows of `x` about `mean`, with `weights` that add up to `total`. */
  estimate(x: Float64Array, weights: Float64Array, total: number, mean: Float64Array): Float64Array;
  /** The nearest one, in likelihood, whose variance is at least `floor` in every direction. */
  atLeast(covariance: Float64Array, floor: number, d: number): Float64Array;
  /** log N(row; mean, covariance) of every row of `x` into `out`. False, and nothing written, unless positive definite. */
  logDensity(x: Float64Array, mean: Float64Array, covariance: Float64Array, out: Float64Array): boolean;
}

const LOG_2PI = Math.log(2 * Math.PI);

/** The variances of the axes [D]. */
export const diagonal: CovarianceKind = {
  size: (d) => d,
  estimate(x, weights, total, mean) {
    const d = mean.length;
    const out = new Float64Array(d);
    weights.forEach((weight, n) => {
      for (let i = 0; i < d; i++) out[i]! += weight * (x[n * d + i]! - mean[i]!) ** 2;
    });
    return out.map((sum) => sum / total);
  },
  atLeast: (covariance, floor) => covariance.map((variance) => Math.max(variance, floor)),
  logDensity(x, mean, covariance, out) {
    if (!covariance.every((variance) => variance > 0)) return false;
    const d = mean.length;
    const offset = covariance.reduce((sum, variance) => sum + Math.log(variance), d * LOG_2PI);
    for (let n = 0; n < out.length; n++) {
      let square = offset;
      for (let i = 0; i < d; i++) square += (x[n * d + i]! - mean[i]!) ** 2 / covariance[i]!;
      out[n] = -0.5 * square;
    }
    return true;
  },
};

/** The matrix [D, D]. */
export const full: CovarianceKind = {
  size: (d) => d * d,
  estimate(x, weights, total, mean) {
    const d = mean.length;
    const out = new Float64Array(d * d);
    weights.forEach((weight, n) => {
      for (let i = 0; i < d; i++) {
        const scaled = weight * (x[n * d + i]! - mean[i]!);
        for (let j = 0; j <= i; j++) out[i * d + j]! += scaled * (x[n * d + j]! - mean[j]!);
      }
    });
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        out[i * d + j]! /= total;
        out[j * d + i] = out[i * d + j]!;
      }
    }
    return out;
  },
  /** Eigenvalues below the floor are raised to it: the constrained maximum of a Gaussian's likelihood. */
  atLeast(covariance, floor, d) {
    const above = covariance.map((v, at) => (at % (d + 1) === 0 ? v - floor : v));
    if (cholesky(above, d) !== undefined) return covariance;
    const { values, vectors } = eigen(covariance, d);
    const out = new Float64Array(d * d);
    for (let k = 0; k < d; k++) {
      const value = Math.max(values[k]!, floor);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) out[i * d + j]! += value * vectors[i * d + k]! * vectors[j * d + k]!;
      }
    }
    return out;
  },
  logDensity(x, mean, covariance, out) {
    const d = mean.length;
    const factor = cholesky(covariance, d);
    if (factor === undefined) return false;
    let offset = d * LOG_2PI;
    for (let i = 0; i < d; i++) offset += 2 * Math.log(factor[i * d + i]!);
    const solved = new Float64Array(d);
    for (let n = 0; n < out.length; n++) {
      let square = offset;
      for (let i = 0; i < d; i++) {
        let v = x[n * d + i]! - mean[i]!;
        for (let j = 0; j < i; j++) v -= factor[i * d + j]! * solved[j]!;
        solved[i] = v / factor[i * d + i]!;
        square += solved[i]! ** 2;
      }
      out[n] = -0.5 * square;
    }
    return true;
  },
};

/** The lower triangular L [D, D] with L L' = a; undefined unless `a` is positive definite. Reads its lower triangle. */
export function cholesky(a: Float64Array, d: number): Float64Array | undefined {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let v = a[i * d + j]!;
      for (let k = 0; k < j; k++) v -= out[i * d + k]! * out[j * d + k]!;
      if (i > j) out[i * d + j] = v / out[j * d + j]!;
      else if (v > 0 && Number.isFinite(v)) out[i * d + i] = Math.sqrt(v);
      else return undefined;
    }
  }
  return out;
}

/** Eigenvalues and, in the columns of `vectors`, eigenvectors of a symmetric matrix: cyclic Jacobi rotations. */
function eigen(symmetric: Float64Array, d: number): { values: Float64Array; vectors: Float64Array } {
  const a = symmetric.slice();
  const vectors = Float64Array.from(a, (_, at) => (at % (d + 1) === 0 ? 1 : 0));
  const rotate = (m: Float64Array, from: number, to: number, c: number, s: number) => {
    const [x, y] = [m[from]!, m[to]!];
    m[from] = c * x - s * y;
    m[to] = s * x + c * y;
  };
  // Convergence is quadratic: a handful of sweeps leave nothing off the diagonal.
  for (let sweep = 0; sweep < 30; sweep++) {
    let rotated = false;
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        const off = a[p * d + q]!;
        if (off ** 2 <= 1e-36 * Math.abs(a[p * d + p]! * a[q * d + q]!)) continue;
        rotated = true;
        const theta = (a[q * d + q]! - a[p * d + p]!) / (2 * off);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        for (let i = 0; i < d; i++) rotate(a, i * d + p, i * d + q, c, t * c);
        for (let i = 0; i < d; i++) rotate(a, p * d + i, q * d + i, c, t * c);
        for (let i = 0; i < d; i++) rotate(vectors, i * d + p, i * d + q, c, t * c);
      }
    }
    if (!rotated) break;
  }
  return { values: Float64Array.from({ length: d }, (_, i) => a[i * (d + 1)]!), vectors };
}
