// Elementary functions of + - * / and sqrt on float64, which IEEE 754 rounds in one way only: Math.log and its kin differ
// between engines in the last bit.
import { LOG, polynomial } from './coefficients.ts';

const TWO_31 = 0x80000000;

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
  const s = (mantissa - 1) / (mantissa + 1); // log m = 2 artanh s, |s| < 0.172
  const t = s * s;
  const fraction = s + s * (t * polynomial(LOG, 8, t));
  return exponent * Math.LN2 + (fraction + fraction);
}
