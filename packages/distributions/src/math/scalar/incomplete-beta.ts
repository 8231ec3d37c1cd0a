import { excess } from './excess.ts';
import { lbeta, stirlingError } from './log-gamma.ts';
import { ndtri } from './normal.ts';
import { digamma, digammaMinusLog } from './polygamma.ts';
import { solve } from './solve.ts';

const LOG_2PI = 1.8378770664093453;

/** log of the smaller-looking one of x and y = 1 - x as it is, of the other from it. */
const logOf = (x: number, y: number): number => (x < 0.5 ? Math.log(x) : Math.log1p(-y));

/** log of x^a y^b / B(a, b) with y = 1 - x: x y times the density of Beta(a, b); for a, b, x, y > 0. */
export function logBetaKernel(a: number, b: number, x: number, y: number): number {
  if (Math.min(a, b) < 10) return a * logOf(x, y) + b * logOf(y, x) - lbeta(a, b);
  // Around the mean a / n, where a log(x n / a) + b log(y n / b) would cancel to first order.
  const n = a + b;
  const offset = x < y ? x * n - a : b - y * n;
  const powers = a * excess(offset / a, (x * n) / a) + b * excess(-offset / b, (y * n) / b);
  const normalizer = 0.5 * (Math.log((a / n) * b) - LOG_2PI);
  return normalizer + stirlingError(n) - stirlingError(a) - stirlingError(b) - powers;
}

/** log I_x(a, b) for x below about the mean, and its derivative by a or by b. */
interface Tail {
  log: number;
  slope: number;
}

/**
 * The continued fraction DLMF 8.17.22 with Lentz's algorithm; each quantity carries its derivative along
 * (da, db), which is (1, 0), (0, 1) or, if it is not used, (0, 0).
 * It converges for x < (a + 1) / (a + b + 2), in a number of steps that grows as the root of the larger parameter.
 */
function tail(a: number, b: number, x: number, y: number, da: number, db: number): Tail {
  let [c, dc] = [1e300, 0];
  let [d, dd] = [1, 0];
  let [log, slope] = [0, 0];
  for (let i = 1; i < 1e6; i++) {
    const m = Math.floor(i / 2);
    const odd = i % 2 === 1;
    const below = (a + (i - 1)) * (a + i);
    const above = odd ? -(a + m) * (a + b + m) : m * (b - m);
    const dAbove = odd ? -(da * (a + b + m) + (a + m) * (da + db)) : m * db;
    const n = (above * x) / below;
    const dn = (dAbove * x - n * da * (2 * a + 2 * i - 1)) / below;
    dc = (dn - (n * dc) / c) / c;
    c = 1 + n / c;
    dd = dn * d + n * dd;
    d = 1 / (1 + n * d);
    dd *= -d * d;
    const factor = c * d;
    const dFactor = dc / c + dd / d;
    log += Math.log(factor);
    slope += dFactor;
    if (Math.abs(factor - 1) < 3e-16 && Math.abs(dFactor) <= 1e-12 * Math.abs(slope)) break;
  }
  if (da !== 0) slope += powerSlope(a, b, logOf(x, y), 1);
  if (db !== 0) slope += powerSlope(b, a, logOf(y, x), 0);
  return { log: logBetaKernel(a, b, x, y) - Math.log(a) + log, slope };
}

/** log x - digamma(a + shift) + digamma(a + b): the derivative by a of log(x^a / B(a, b)), or of log(x^a / (a B(a, b))). */
function powerSlope(a: number, b: number, logX: number, shift: 0 | 1): number {
  if (a < 10) return logX - digamma(a + shift) + digamma(a + b);
  return logX + Math.log1p(b / a) - digammaMinusLog(a) - shift / a + digammaMinusLog(a + b);
}

/** Whether x < (a + 1) / (a + b + 2), also where the right side rounds to 1. */
const isLower = (a: number, b: number, x: number, y: number): boolean => x * (b + 1) < y * (a + 1);

/** I at the ends of the domain, NaN outside it, undefined inside. */
function atEnds(a: number, b: number, x: number, y: number): number | undefined {
  if (!(a >= 0 && b >= 0 && x >= 0 && y >= 0)) return NaN;
  if ((a === 0 && b === 0) || (a === Infinity && b === Infinity)) return NaN;
  if (x === 0 || y === 0) return x === 0 ? (a === 0 ? NaN : 0) : b === 0 ? NaN : 1;
  if (a === 0 || b === Infinity) return 1;
  if (b === 0 || a === Infinity) return 0;
  return undefined;
}

/** log I_x(a, b), the regularised incomplete beta function; give y = 1 - x where x is so near 1 that it says too little. */
export function logBetainc(a: number, b: number, x: number, y = 1 - x): number {
  const end = atEnds(a, b, x, y);
  if (end !== undefined) return Math.log(end);
  return isLower(a, b, x, y)
    ? Math.min(0, tail(a, b, x, y, 0, 0).log)
    : Math.log1p(-Math.min(1, Math.exp(tail(b, a, y, x, 0, 0).log)));
}

/** I_x(a, b), the regularised incomplete beta function: the distribution function of Beta(a, b). */
export const betainc = (a: number, b: number, x: number, y = 1 - x): number => Math.exp(logBetainc(a, b, x, y));

/** Derivative of I_x(a, b) by a (never positive). By x it is exp(logBetaKernel(a, b, x, y)) / (x y). */
export function betaincByA(a: number, b: number, x: number, y = 1 - x): number {
  const end = atEnds(a, b, x, y);
  if (end !== undefined) return a > 0 && b > 0 && !Number.isNaN(end) ? 0 : NaN;
  const lower = isLower(a, b, x, y);
  const { log, slope } = lower ? tail(a, b, x, y, 1, 0) : tail(b, a, y, x, 0, 1);
  const size = Math.exp(log);
  if (size === 0) return 0; // where the slope may be infinite
  return Math.min(0, (lower ? size : -size) * slope); // above 0 is rounding, where I is all but constant
}

/** Derivative of I_x(a, b) by b (never negative). */
export const betaincByB = (a: number, b: number, x: number, y = 1 - x): number => -betaincByA(b, a, y, x);

/** The x with I_x(a, b) = p. */
export const betaincinv = (a: number, b: number, p: number): number => quantile(a, b, p, 1 - p);

function quantile(a: number, b: number, p: number, q: number): number {
  if (!(a > 0 && b > 0 && a < Infinity && b < Infinity && p >= 0 && q >= 0)) return NaN;
  if (p === 0 || q === 0) return p === 0 ? 0 : 1;
  return p <= q ? 1 / (1 + Math.exp(-logit(a, b, p))) : 1 / (1 + Math.exp(logit(b, a, q)));
}

/** log(x / y) of the x with I_x(a, b) = p <= 1/2: log I is concave in it, so Newton's method converges from anywhere. */
function logit(a: number, b: number, p: number): number {
  const normal = Math.log(a / b) + ndtri(p) * Math.sqrt(1 / a + 1 / b);
  const leading = (Math.log(p) + Math.log(a) + lbeta(a, b)) / a; // of log x, the first term of the series at 0
  return solve(
    (u) => {
      const x = 1 / (1 + Math.exp(-u));
      const y = 1 / (1 + Math.exp(u));
      if (x === 0 || y === 0) return [x === 0 ? (leading > u ? -1 : 1) : 1, 0];
      const log = logBetainc(a, b, x, y);
      return [log - Math.log(p), Math.exp(logBetaKernel(a, b, x, y) - log)];
    },
    Math.min(a, b) > 1 ? normal : Math.min(normal, leading),
  );
}
