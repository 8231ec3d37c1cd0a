/** A plane in code space: the codes themselves when they have two axes, else their first two principal components. */
export interface Plane {
  /** Coordinates of code i are at 2i and 2i + 1. */
  readonly coordinates: Float64Array;
  /** Share of the codes' variance that the plane shows, 0..1. */
  readonly explained: number;
  /** The code at a point of the plane. */
  at(u: number, v: number): number[];
}

/** Leading eigenvector of a symmetric positive matrix by power iteration from a fixed start; deterministic. */
function leadingEigenvector(matrix: readonly number[][]): { vector: number[]; value: number } {
  let vector = matrix.map((_, i) => 1 / (i + 1));
  let value = 0;
  for (let iteration = 0; iteration < 500; iteration++) {
    const next = matrix.map((row) => row.reduce((sum, entry, j) => sum + entry * vector[j]!, 0));
    value = Math.hypot(...next);
    if (value === 0) break;
    vector = next.map((entry) => entry / value);
  }
  return { vector, value };
}

/** @param codes row-major [count, dims], dims >= 1. */
export function principalPlane(codes: Float32Array, dims: number): Plane {
  const count = codes.length / dims;
  if (dims === 2) {
    return { coordinates: Float64Array.from(codes), explained: 1, at: (u, v) => [u, v] };
  }
  const mean = new Array<number>(dims).fill(0);
  for (let i = 0; i < count; i++) for (let d = 0; d < dims; d++) mean[d]! += codes[i * dims + d]! / count;
  const covariance = Array.from({ length: dims }, () => new Array<number>(dims).fill(0));
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < dims; a++) {
      const da = codes[i * dims + a]! - mean[a]!;
      for (let b = a; b < dims; b++) covariance[a]![b]! += (da * (codes[i * dims + b]! - mean[b]!)) / count;
    }
  }
  for (let a = 0; a < dims; a++) for (let b = 0; b < a; b++) covariance[a]![b] = covariance[b]![a]!;
  const total = covariance.reduce((sum, row, a) => sum + row[a]!, 0);
  const first = leadingEigenvector(covariance);
  const deflated = covariance.map((row, a) => row.map((x, b) => x - first.value * first.vector[a]! * first.vector[b]!));
  const second = dims > 1 ? leadingEigenvector(deflated) : { vector: [0], value: 0 };
  const axes = [first.vector, second.vector];
  const coordinates = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    axes.forEach((axis, k) => {
      coordinates[2 * i + k] = axis.reduce((sum, x, d) => sum + x * (codes[i * dims + d]! - mean[d]!), 0);
    });
  }
  return {
    coordinates,
    explained: total > 0 ? (first.value + second.value) / total : 1,
    at: (u, v) => mean.map((m, d) => m + u * axes[0]![d]! + v * axes[1]![d]!),
  };
}
