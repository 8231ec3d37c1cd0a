import { checkSeed, Random } from '../internal/random.ts';

/** One component of a mixture of Gaussians over [D]. */
export interface GaussianCluster {
  /** Its share of the points, up to a common factor. */
  readonly weight: number;
  /** [D]. */
  readonly mean: readonly number[];
  /** Lower triangle L of the covariance L L', rows of 1, 2, ... D numbers. */
  readonly factor: readonly (readonly number[])[];
}

/** Half of the points round, 30 % long and tilted, 20 % flat: means (-3, 0), (3, 1), (0, 5). */
export const threeClusters: readonly GaussianCluster[] = [
  { weight: 0.5, mean: [-3, 0], factor: [[1], [0, 1]] },
  { weight: 0.3, mean: [3, 1], factor: [[1.5], [1.6, 0.5]] },
  { weight: 0.2, mean: [0, 5], factor: [[1.25], [0, 0.4]] },
];

export interface GaussianClustersOptions {
  /** N, points to draw. */
  count: number;
  /** Same seed, same points, on every machine. Point i does not depend on `count`. */
  seed: number;
  /** `threeClusters` if omitted. */
  clusters?: readonly GaussianCluster[];
}

export interface LabelledPoints {
  points: { data: Float32Array; shape: [number, number] };
  /** Which cluster a point was drawn from. */
  labels: { data: Uint8Array; shape: [number] };
}

/**
 * Draws points [N, D] of a mixture of Gaussians, with the cluster of each. The normal draws are exact, and made with + - * / and
 * comparisons alone, so the numbers are the same everywhere.
 *
 * @throws RangeError if an option does not fit.
 */
export function gaussianClusters({ count, seed, clusters = threeClusters }: GaussianClustersOptions): LabelledPoints {
  checkSeed('gaussianClusters', seed);
  if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
    throw new RangeError(`gaussianClusters: count must be a whole number from 0 to 10,000,000, got ${count}.`);
  }
  const d = clusters[0]?.mean.length ?? 0;
  const fits = ({ weight, mean, factor }: GaussianCluster) =>
    weight > 0 && mean.length === d && factor.length === d && factor.every((row, i) => row.length === i + 1);
  const wrong = clusters.findIndex((cluster) => !fits(cluster));
  if (d === 0 || clusters.length > 256 || wrong >= 0) {
    throw new RangeError(
      `gaussianClusters: expected 1 to 256 clusters, each with a positive weight, a mean of D numbers and a factor of rows of 1 to D, ` +
        `got ${clusters.length}${wrong >= 0 ? `, number ${wrong} of which does not fit` : ''}.`,
    );
  }
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  const data = new Float32Array(count * d);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, i);
    let rest = random.between(0, total);
    let label = 0;
    while (label < clusters.length - 1 && rest >= clusters[label]!.weight) rest -= clusters[label++]!.weight;
    labels[i] = label;
    const { mean, factor } = clusters[label]!;
    const eps = mean.map(() => normal(random));
    factor.forEach((row, axis) => {
      data[i * d + axis] = row.reduce((sum, scale, k) => sum + scale * eps[k]!, mean[axis]!);
    });
  }
  return { points: { data, shape: [count, d] }, labels: { data: labels, shape: [count] } };
}

/**
 * A standard normal draw without a logarithm: x exponential, kept with probability exp(-(x - 1)^2 / 2), and a sign.
 * Source: von Neumann 1951, "Various techniques used in connection with random digits".
 */
function normal(random: Random): number {
  for (;;) {
    const x = exponential(random);
    if (2 * exponential(random) > (x - 1) * (x - 1)) return random.bits() < 0x80000000 ? x : -x;
  }
}

/**
 * An exponential draw by comparisons alone: the first of a falling run of uniforms, kept if the run is of odd length, else 1 more and
 * again. Same source.
 */
function exponential(random: Random): number {
  for (let whole = 0; ; whole++) {
    const first = random.between(0, 1);
    let length = 1;
    for (let last = first, next = random.between(0, 1); next < last; next = random.between(0, 1)) {
      last = next;
      length++;
    }
    if (length % 2 === 1) return whole + first;
  }
}
