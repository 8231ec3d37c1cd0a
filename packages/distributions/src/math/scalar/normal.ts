const SQRT_2_PI = 2.5066282746310002; // of 2 pi
const SQRT_2_OVER_PI = 0.7978845608028654;
const LOG_HALF = -Math.LN2;

/** exp(x^2) erfc(x): falls like 1 / (x sqrt(pi)), and is +Infinity below -26.7. */
export function erfcx(x: number): number {
  if (x < 2) return Math.exp(x * x) * erfc(x);
  let tail = 0; // Laplace's continued fraction, DLMF 7.9.2
  for (let k = 60; k > 0; k--) tail = (0.5 * k) / (x + tail);
  return 0.5641895835477563 / (x + tail);
}

/** Error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 2) return 1 - erfc(x);
  let term = x; // exp(-x^2) times the sum of 2^n x^(2n + 1) / (2n + 1)!!, DLMF 7.6.2
  let sum = x;
  for (let n = 3; term > 1e-17 * sum; n += 2) {
    term *= (2 * x * x) / n;
    sum += term;
  }
  return 1.1283791670955126 * Math.exp(-x * x) * sum;
}

/** 1 - erf(x), with all digits where erf(x) is near 1. */
export const erfc = (x: number): number => (x > 2 ? Math.exp(-x * x) * erfcx(x) : 1 - erf(x));

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
  if (logP > -Math.LN2) return -ndtriExp(Math.log(-Math.expm1(logP)));
  // Abramowitz & Stegun 26.2.23, to 4.5e-4, then Newton's steps.
  const t = Math.sqrt(-2 * logP);
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let i = 0; i < 3; i++) x -= (logNdtr(x) - logP) / logNdtrSlope(x);
  return x;
}

/** Quantile of the standard normal: the x with ndtr(x) = p. -Infinity at 0, +Infinity at 1, NaN outside [0, 1]. */
export function ndtri(p: number): number {
  if (p > 0.5) return -ndtri(1 - p);
  const x = ndtriExp(Math.log(p));
  // Near 1 / 2 the logarithm has lost the digits of x: a step of Newton's that keeps them.
  return p > 0.2 ? x - (0.5 * erf(x * Math.SQRT1_2) - (p - 0.5)) / normalDensity(x) : x;
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
