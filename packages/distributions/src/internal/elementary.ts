// Elementary functions of + - * / and sqrt on float64, which IEEE 754 rounds in one way only: Math.log and its kin differ
// between engines in the last bit.
import { LOG, polynomial } from './coefficients.ts';

const TWO_31 = 0x80000000;
/** log 2 in two parts: 32 bits, so that small multiples are exact, and the rest. */
const LN_2_HIGH = 2977044472 / 0x100000000;
const LN_2_LOW = Math.LN2 - LN_2_HIGH + 2.3190468138462996e-17;

// biome-ignore format: one line
const INVERSE_FACTORIALS = [1 / 1, 1 / 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880, 1 / 3628800, 1 / 39916800, 1 / 479001600, 1 / 6227020800];

/** artanh s - s for |s| <= 0.1716, where log m = 2 artanh((m - 1) / (m + 1)) for m from sqrt(1/2) to sqrt(2). */
export function artanhRest(s: number): number {
  const t = s * s;
  return s * (t * polynomial(LOG, 8, t));
}

/** Natural logarithm of a positive finite number, to a few units in the last place. */
export function log(x: number): number {
  let exponent = 0;
  let scaled = x;
  for (; scaled >= TWO_31; exponent += 31) scaled /= TWO_31;
  for (; scaled < 1; exponent -= 31) scaled *= TWO_31;
  const low = 31 - Math.clz32(scaled);
  exponent += low;
  let mantissa = scaled / (1 << low); // exact, in [1, 2)
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const fraction = s + artanhRest(s);
  return exponent * Math.LN2 + (fraction + fraction);
}

/** log(1 + x) for finite x > -1, to a few units in the last place. */
export function log1p(x: number): number {
  if (x < -0.29 || x > 0.41) return log(1 + x);
  const s = x / (2 + x);
  const half = s + artanhRest(s);
  return half + half;
}

/** e^x for finite x, to a few units in the last place; 0 below the smallest float64, Infinity above the largest. */
export function exp(x: number): number {
  if (x > 710) return Number.POSITIVE_INFINITY;
  if (x < -746) return 0;
  let power = Math.floor(x / Math.LN2 + 0.5);
  const r = x - power * LN_2_HIGH - power * LN_2_LOW; // |r| <= 0.347
  let sum = INVERSE_FACTORIALS[13]!;
  for (let i = 12; i >= 0; i--) sum = sum * r + INVERSE_FACTORIALS[i]!;
  for (; power > 30; power -= 30) sum *= 0x40000000;
  for (; power < -30; power += 30) sum /= 0x40000000;
  return power < 0 ? sum / (1 << -power) : sum * (1 << power);
}
