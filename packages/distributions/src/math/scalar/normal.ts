import { solve } from './solve.ts';

const SQRT_2_PI = 2.5066282746310002; // of 2 pi
const SQRT_2_OVER_PI = 0.7978845608028654;
const LOG_HALF = -Math.LN2;

/** Chebyshev coefficients of (1 + 2x) erfcx(x) in t = (x - 3) / (x + 3), x >= 0 (fixtures/special.py; error 1e-18). */
const ERFCX = [
  1.17756257419656, 0.005353904539615676, -0.09377550342284209, 0.05436652555744322, -0.018976596707845208,
  0.004453426061462712, -0.0006335531710553147, 1.7661719523171593e-5, 1.2841532864056671e-5, -2.0072285659059913e-6,
  -1.807522790414837e-7, 7.549828343825093e-8, 1.885668523838603e-9, -2.699519049798364e-9, -1.460079119939105e-11,
  1.0361607445969489e-10, 1.475715976623473e-12, -4.277340064396911e-12, -2.07922492859799e-13, 1.8134502003176963e-13,
  1.973425574544739e-14, -7.287943737592673e-15, -1.5169878690228116e-15, 2.3514112258781403e-16,
  1.0006111691821667e-16, -2.0572528169538546e-18, -5.608608218863183e-18,
];

/** exp(x^2) erfc(x): falls like 1 / (x sqrt(pi)), and is +Infinity below -26.7. */
export function erfcx(x: number): number {
  if (x < 0) return 2 * Math.exp(x * x) - erfcx(-x);
  if (x > 1e16) return 0.5641895835477563 / x;
  const t = (x - 3) / (x + 3);
  let [next, afterNext] = [0, 0]; // Clenshaw's recurrence
  for (let k = ERFCX.length - 1; k > 0; k--) [next, afterNext] = [2 * t * next - afterNext + ERFCX[k]!, next];
  return (t * next - afterNext + ERFCX[0]!) / (1 + 2 * x);
}

/** Error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 1) return Math.sign(x) * (1 - erfc(size));
  let term = x; // exp(-x^2) times the sum of 2^n x^(2n + 1) / (2n + 1)!!, DLMF 7.6.2
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (2 * x * x) / n;
    sum += term;
  }
  return 1.1283791670955126 * Math.exp(-x * x) * sum;
}

/** 1 - erf(x), with all digits where erf(x) is near 1. */
export function erfc(x: number): number {
  if (x < -1) return 2 - erfc(-x);
  if (x <= 0.5) return 1 - erf(x);
  return x > 30 ? 0 : Math.exp(-x * x) * erfcx(x);
}

/** Distribution function of the standard normal. */
export const ndtr = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2);

/** log ndtr(x), with all digits in both tails. */
export function logNdtr(x: number): number {
  if (x > 0) return Math.log1p(-0.5 * erfc(x * Math.SQRT1_2));
  if (x > -1) return Math.log(0.5 * erfc(-x * Math.SQRT1_2));
  return Math.log(erfcx(-x * Math.SQRT1_2)) + LOG_HALF - 0.5 * x * x;
}

/** Derivative of logNdtr: the normal density over ndtr, about -x in the left tail. */
export const logNdtrSlope = (x: number): number => (x === Infinity ? 0 : SQRT_2_OVER_PI / erfcx(-x * Math.SQRT1_2));

/** The x with logNdtr(x) = logP; -Infinity of -Infinity, +Infinity of 0, NaN above 0. */
export function ndtriExp(logP: number): number {
  if (!(logP <= 0)) return NaN;
  if (logP === 0 || logP === -Infinity) return logP === 0 ? Infinity : logP;
  if (logP > -0.3) return -ndtriExp(Math.log(-Math.expm1(logP)));
  if (logP > -1.5) return ndtri(Math.exp(logP));
  // Abramowitz & Stegun 26.2.23, to 4.5e-4, to start with.
  const t = Math.sqrt(-2 * logP);
  const start = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  return solve((x) => [logNdtr(x) - logP, logNdtrSlope(x)], start);
}

/** Quantile of the standard normal: the x with ndtr(x) = p. -Infinity at 0, +Infinity at 1, NaN outside [0, 1]. */
export function ndtri(p: number): number {
  if (p > 0.2 && p < 0.8) return Math.SQRT2 * centralErfinv(2 * p - 1);
  return p >= 0.8 ? -ndtriExp(Math.log(1 - p)) : ndtriExp(Math.log(p));
}

/** The y with erf(y) = x. -+Infinity at -+1, NaN outside [-1, 1]. */
export function erfinv(x: number): number {
  const size = Math.abs(x);
  return size < 0.6 ? centralErfinv(x) : -Math.sign(x) * Math.SQRT1_2 * ndtri(0.5 * (1 - size));
}

/** erfinv for |x| <= 0.6: its series at 0, then Halley's steps. */
function centralErfinv(x: number): number {
  const s = 0.886226925452758 * x;
  const t = s * s;
  let y = s * (1 + t * (1 / 3 + t * (7 / 30 + (t * 127) / 630)));
  for (let i = 0; i < 2; i++) {
    const step = (erf(y) - x) / (1.1283791670955126 * Math.exp(-y * y));
    y -= step / (1 + y * step);
  }
  return y;
}

/** Density of the standard normal. */
export const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / SQRT_2_PI;
