import { splitSeed, uniform } from '../random.ts';

/**
 * Clusters of the rows of `x`: for each row the index of its centre. Centres begin as rows drawn by their squared distance
 * from those drawn before (k-means++), then at most 20 times move to the mean of the rows that are nearest.
 *
 * Source: Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding"; Lloyd 1982.
 */
export function kMeans(
  x: Float64Array,
  d: number,
  k: number,
  seed: number,
): { labels: Int32Array; centers: Float64Array } {
  const n = x.length / d;
  const centers = new Float64Array(k * d);
  const labels = new Int32Array(n);
  const distances = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const draws = uniform(k, splitSeed(seed, 1)[0]!);
  const distance = (row: number, center: number) => {
    let square = 0;
    for (let i = 0; i < d; i++) square += (x[row * d + i]! - centers[center * d + i]!) ** 2;
    return square;
  };
  for (let c = 0; c < k; c++) {
    const total = distances.reduce((a, b) => a + b, 0);
    // The first is any row; so are those after all rows are centres already.
    const row = c === 0 || total === 0 ? Math.floor(draws[c]! * n) : pick(distances, draws[c]! * total);
    centers.set(x.subarray(row * d, (row + 1) * d), c * d);
    for (let r = 0; r < n; r++) {
      const near = distance(r, c);
      if (near < distances[r]!) {
        distances[r] = near;
        labels[r] = c;
      }
    }
  }
  for (let iteration = 0; iteration < 20; iteration++) {
    moveToMeans(x, d, labels, centers);
    let moved = false;
    for (let r = 0; r < n; r++) {
      let best = labels[r]!;
      for (let c = 0; c < k; c++) if (distance(r, c) < distance(r, best)) best = c;
      moved ||= best !== labels[r];
      labels[r] = best;
    }
    if (!moved) break;
  }
  moveToMeans(x, d, labels, centers);
  return { labels, centers };
}

/** A centre without rows stays where it is. */
function moveToMeans(x: Float64Array, d: number, labels: Int32Array, centers: Float64Array): void {
  const counts = new Float64Array(centers.length / d);
  for (const label of labels) counts[label]!++;
  const sums = new Float64Array(centers.length);
  labels.forEach((label, row) => {
    for (let i = 0; i < d; i++) sums[label * d + i]! += x[row * d + i]!;
  });
  sums.forEach((sum, at) => {
    const count = counts[Math.floor(at / d)]!;
    if (count > 0) centers[at] = sum / count;
  });
}

/** The first index at which the running sum passes `target`, among those of a positive weight. */
function pick(weights: Float64Array, target: number): number {
  let last = 0;
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    sum += weights[i]!;
    if (sum > target) break;
  }
  return last;
}
