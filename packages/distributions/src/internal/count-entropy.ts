const EXPAND_FROM = 1e4; // a variance from which on the expansion is exact to 1e-9

/** The sum of -p log p weight(k) over counts k up to `largest`, but for a mass below 1e-15 far from the mean. */
function sumCounts(
  mean: number,
  variance: number,
  largest: number,
  logProb: (k: number) => number,
  weight: (k: number) => number,
): number {
  const reach = 9 * Math.sqrt(variance) + 40;
  const last = Math.min(largest, Math.ceil(mean + reach));
  let sum = 0;
  for (let k = Math.max(0, Math.floor(mean - reach)); k <= last; k++) {
    const log = logProb(k);
    if (log > -745) sum -= Math.exp(log) * log * weight(k);
  }
  return sum;
}

/** Of n trials with probabilities p and q = 1 - p, for n = Infinity their Poisson limit of the same mean: n p. */
export interface Counts {
  n: number;
  mean: number;
  p: number;
  q: number;
  logProb: (k: number) => number;
}

/** Entropy in nats; for large variances v by its expansion, log(2 pi e v) / 2 + (4 p q - 1) / (12 v) (Knessl 1998). */
export function countEntropy({ n, mean, p, q, logProb }: Counts): number {
  const variance = mean * q;
  if (variance > EXPAND_FROM)
    return 0.5 * Math.log(2 * Math.PI * Math.E * variance) + (4 * p * q - 1) / (12 * variance);
  return sumCounts(mean, variance, n, logProb, () => 1);
}

/** Its derivative by log(p / q); for the Poisson limit by log(mean). */
export function countEntropySlope({ n, mean, p, q, logProb }: Counts): number {
  const variance = mean * q;
  if (variance > EXPAND_FROM) return (q - p) * (0.5 + 1 / (12 * variance));
  const score = n === Infinity ? (k: number) => k - mean : (k: number) => k * q - (n - k) * p;
  return sumCounts(mean, variance, n, logProb, score);
}
