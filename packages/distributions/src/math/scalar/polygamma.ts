/** Bernoulli numbers B(2k), k = 1, 2, ... */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];

/** Logarithmic derivative of Gamma; -Infinity at 0 (its limit from the right), NaN at -1, -2, ... */
export function digamma(x: number): number {
  if (x === 0) return -Infinity;
  if (x < 0) {
    const fraction = x - Math.round(x);
    return fraction === 0 ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * fraction);
  }
  let shift = 0;
  for (; x < 10; x++) shift += 1 / x;
  return Math.log(x) - digammaSeries(x) - shift;
}

/** log x - digamma(x) for x >= 10 (DLMF 5.11.2). */
function digammaSeries(x: number): number {
  const t = 1 / (x * x);
  let sum = 0;
  for (let k = BERNOULLI.length; k >= 1; k--) sum = t * (BERNOULLI[k - 1]! / (2 * k) + sum);
  return 0.5 / x + sum;
}

/** digamma(x) - log x for x > 0, which digamma(x) loses where x is large. */
export function digammaMinusLog(x: number): number {
  return x >= 10 ? -digammaSeries(x) : digamma(x) - Math.log(x);
}

/**
 * Derivative of order `n` >= 1 of digamma at x > 0: n = 1 is trigamma. +-Infinity at 0; NaN below, but for trigamma.
 *
 * The asymptotic series (DLMF 5.15.8) from 10 + n upwards, the recurrence below it.
 */
export function polygamma(n: number, x: number): number {
  if (x < 0) {
    const sine = Math.sin(Math.PI * (x - Math.round(x)));
    return n === 1 ? (Math.PI / sine) ** 2 - polygamma(1, 1 - x) : NaN;
  }
  if (x === Infinity) return 0;
  const sign = n % 2 === 0 ? -1 : 1;
  let factorial = 1; // n!
  for (let i = 2; i <= n; i++) factorial *= i;
  let sum = 0;
  for (; x < 10 + n; x++) sum += factorial / x ** (n + 1);
  let term = factorial / x ** n;
  sum += term / n + (0.5 * term) / x;
  term *= (0.5 * (n + 1)) / (x * x); // (2k + n - 1)! / ((2k)! x^(2k + n)) for k = 1, 2, ...
  for (let k = 1; k <= BERNOULLI.length; k++) {
    sum += BERNOULLI[k - 1]! * term;
    term *= ((2 * k + n) * (2 * k + n + 1)) / ((2 * k + 1) * (2 * k + 2) * x * x);
  }
  return sign * sum;
}
