// Log probabilities of counts without cancellation. Source: Loader 2000, "Fast and accurate computation of binomial
// probabilities": the Stirling series for factorials, and deviances for powers.
import { artanhRest, log } from './elementary.ts';

const TWO_PI = 2 * Math.PI;

/** log n! - log(sqrt(2 pi n) (n / e)^n) for an integer n >= 1. */
function stirlingError(n: number): number {
  if (n > 6) {
    const square = n * n;
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
  }
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return log(factorial) - (n + 0.5) * log(n) + n - 0.5 * log(TWO_PI);
}

/** x log(x / mean) + mean - x, for positive numbers. */
function deviance(x: number, mean: number): number {
  const v = (x - mean) / (x + mean);
  if (v > -0.17 && v < 0.17) return v * (x - mean) + 2 * x * artanhRest(v);
  return x * log(x / mean) + mean - x;
}

/** log P(k) for Poisson(rate), for an integer k >= 1. */
export function logPoisson(k: number, rate: number): number {
  return -deviance(k, rate) - stirlingError(k) - 0.5 * log(TWO_PI * k);
}

/** log P(k) for n trials of probability p, for an integer k from 1 to n - 1; q = 1 - p. */
export function logBinomial(k: number, n: number, p: number, q: number): number {
  const rest = n - k;
  const errors = stirlingError(n) - stirlingError(k) - stirlingError(rest);
  return errors - deviance(k, n * p) - deviance(rest, n * q) + 0.5 * log(n / (TWO_PI * k * rest));
}
