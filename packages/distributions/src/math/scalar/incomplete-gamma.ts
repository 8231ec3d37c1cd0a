import { excess } from './excess.ts';
import { lgamma, lgamma1p, stirlingError } from './log-gamma.ts';
import { erfcx, ndtri } from './normal.ts';
import { digamma, digammaMinusLog } from './polygamma.ts';
import { solve } from './solve.ts';

const LOG_2PI = 1.8378770664093453;
const HUGE = 1e8; // from here on the first terms of the uniform expansion are exact enough

/** log of x^a exp(-x) / Gamma(a), x times the density of Gamma(a, 1); for a > 0 and x > 0. */
export function logGammaKernel(a: number, x: number): number {
  if (a < 10) return a * Math.log(x) - x - lgamma(a);
  return 0.5 * (Math.log(a) - LOG_2PI) - stirlingError(a) - a * excess((x - a) / a, x / a);
}

/** log of P or of Q = 1 - P, whichever `lower` says, and its derivative by a. */
interface Tail {
  lower: boolean;
  log: number;
  slope: number;
}

/** The smaller of P(a, x) and Q(a, x), roughly: the one that is computed without a difference; a, x > 0 and finite. */
function tail(a: number, x: number): Tail {
  if (a >= HUGE) return uniformTail(a, x);
  return x <= Math.max(1, a) ? lowerTail(a, x) : upperTail(a, x);
}

/** P by its series x^a exp(-x) / Gamma(a + 1) (1 + x / (a + 1) + ...), DLMF 8.11.4. */
function lowerTail(a: number, x: number): Tail {
  let [term, sum, harmonic, slope] = [1, 1, 0, 0];
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= x / (a + n);
    harmonic += 1 / (a + n);
    sum += term;
    slope -= term * harmonic;
  }
  // log x - digamma(a + 1), whose large terms cancel around x = a.
  const power = a < 10 ? Math.log(x) - digamma(a + 1) : Math.log(x / a) - 1 / a - digammaMinusLog(a);
  return { lower: true, log: logGammaKernel(a, x) - Math.log(a) + Math.log(sum), slope: power + slope / sum };
}

/** Q by Legendre's continued fraction, DLMF 8.9.2, with Lentz's algorithm; each quantity carries its derivative by a. */
function upperTail(a: number, x: number): Tail {
  let b = x + 1 - a;
  let [c, dc] = [1e300, 0];
  let [d, dd] = [1 / b, 1 / (b * b)];
  let [log, slope] = [Math.log(d), dd / d];
  for (let i = 1; i < 1e6; i++) {
    const n = i * (a - i);
    b += 2;
    dc = -1 + (i - (n * dc) / c) / c;
    c = b + n / c;
    dd = -1 + i * d + n * dd;
    d = 1 / (b + n * d);
    dd *= -d * d;
    const factor = c * d;
    const dFactor = dc / c + dd / d;
    log += Math.log(factor);
    slope += dFactor;
    if (Math.abs(factor - 1) < 3e-16 && Math.abs(dFactor) < 1e-12 * Math.abs(slope)) break;
  }
  return { lower: false, log: logGammaKernel(a, x) + log, slope: Math.log(x / a) - digammaMinusLog(a) + slope };
}

/** Q or P by the first terms of Temme's uniform expansion, DLMF 8.12; relative error about 1 / a. */
function uniformTail(a: number, x: number): Tail {
  const mu = (x - a) / a;
  const exponent = excess(mu, x / a); // eta^2 / 2
  const eta = Math.sign(mu) * Math.sqrt(2 * exponent);
  const first = Math.abs(eta) < 0.01 ? -1 / 3 + eta * (1 / 12 + eta * (-2 / 135 + eta * (1 / 864))) : 1 / mu - 1 / eta;
  const lower = mu < 0;
  const sign = lower ? -1 : 1;
  const width = 1 / Math.sqrt(2 * Math.PI * a);
  const size = 0.5 * erfcx(Math.abs(eta) * Math.sqrt(0.5 * a)) + sign * width * first; // times exp(-a exponent)
  const logRatio = Math.abs(mu) < 0.5 ? Math.log1p(mu) : Math.log(x / a);
  const perEta = eta === 0 ? 1 : logRatio / eta;
  // d/da of exp(-a exponent) is log(x / a) times it; the normal tail's part moves by its density instead.
  const slope = (sign * width * (perEta + first * logRatio)) / size;
  return { lower, log: Math.log(size) - a * exponent, slope };
}

/** log Q(a, x) for a < 1 and x <= 1, where neither tail's formula keeps its digits (as DiDonato & Morris 1986, eq. 10). */
function logSmallUpper(a: number, x: number): number {
  const logPower = a * Math.log(x) - lgamma1p(a);
  let [term, sum] = [1, 0];
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= -x / n;
    sum += term / (a + n);
  }
  return Math.log(-Math.expm1(logPower) - Math.exp(logPower) * a * sum);
}

/** The value at the ends of the domain, NaN outside it, undefined inside. */
function atEnds(a: number, x: number, upper: boolean): number | undefined {
  if (!(a >= 0 && x >= 0) || (a === 0 && x === 0) || (a === Infinity && x === Infinity)) return NaN;
  if (x === 0 || a === Infinity) return upper ? 1 : 0;
  if (a === 0 || x === Infinity) return upper ? 0 : 1;
  return undefined;
}

/** log P(a, x), the regularised lower incomplete gamma function; a, x >= 0. */
export function logGammainc(a: number, x: number): number {
  const end = atEnds(a, x, false);
  if (end !== undefined) return Math.log(end);
  const { lower, log } = tail(a, x);
  return lower ? Math.min(0, log) : Math.log1p(-Math.exp(log));
}

/** log Q(a, x) of Q = 1 - P, the regularised upper incomplete gamma function; a, x >= 0. */
export function logGammaincc(a: number, x: number): number {
  const end = atEnds(a, x, true);
  if (end !== undefined) return Math.log(end);
  if (a < 1 && x <= 1) return logSmallUpper(a, x);
  const { lower, log } = tail(a, x);
  return lower ? Math.log1p(-Math.exp(log)) : Math.min(0, log);
}

/** P(a, x), the regularised lower incomplete gamma function: the distribution function of Gamma(a, 1). */
export const gammainc = (a: number, x: number): number => Math.exp(logGammainc(a, x));

/** Q(a, x) = 1 - P(a, x), the regularised upper incomplete gamma function. */
export const gammaincc = (a: number, x: number): number => Math.exp(logGammaincc(a, x));

/** Derivative of P(a, x) by a, never positive. By x it is exp(logGammaKernel(a, x)) / x. */
export function gammaincByA(a: number, x: number): number {
  const end = atEnds(a, x, false);
  if (end !== undefined) return a > 0 && !Number.isNaN(end) ? 0 : NaN;
  const { lower, log, slope } = tail(a, x);
  const size = Math.exp(log);
  return size === 0 ? 0 : (lower ? size : -size) * slope; // the slope of an empty tail may be infinite
}

/** The x with P(a, x) = p. */
export const gammaincinv = (a: number, p: number): number => quantile(a, p, 1 - p);

function quantile(a: number, p: number, q: number): number {
  if (!(a > 0 && a < Infinity && p >= 0 && q >= 0)) return NaN;
  if (p === 0 || q === 0) return p === 0 ? 0 : Infinity;
  // Wilson & Hilferty's cube root, or for the smallest the first term of P's series.
  const root = 1 - 1 / (9 * a) + (p < q ? ndtri(p) : -ndtri(q)) / (3 * Math.sqrt(a));
  const leading = (Math.log(p) + lgamma1p(a)) / a;
  const start = a > 0.5 && root > 0.2 ? Math.log(a) + 3 * Math.log(root) : Math.min(leading, Math.log(a + 40));
  // In log x, where the logs of both tails are concave: Newton's method converges from anywhere.
  const u = solve((logX) => {
    const x = Math.exp(logX);
    if (x === 0) return [leading > logX ? -1 : 1, 0];
    const kernel = logGammaKernel(a, x);
    const log = p < q ? logGammainc(a, x) : logGammaincc(a, x);
    const slope = Math.exp(kernel - log);
    return p < q ? [log - Math.log(p), slope] : [Math.log(q) - log, slope];
  }, start);
  return Math.exp(u);
}
