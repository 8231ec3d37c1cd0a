// Draws made from one 32-bit word w, through u = (w + 1/2) / 2^32. Everything here is + - * / and sqrt on float64, which
// IEEE 754 rounds in one way only. assembly/index.ts has the same operations in the same order: change both or none.
import { CENTRE, polynomial, TAIL } from './coefficients.ts';
import { log } from './elementary.ts';

/** u, exact. */
export const unit = (w: number): number => ((w >>> 0) + 0.5) / 0x100000000;

/** Uniform on (0, 1) with 52 bits of two words. */
export const wideUnit = (high: number, low: number): number =>
  ((high >>> 0) * 0x100000 + (low >>> 12) + 0.5) / 0x10000000000000;

/** Uniform on the open interval (0, 1) from the top 23 bits of `w`: an odd multiple of 2^-24, exact in float32. */
export function uniformFromWord(w: number): number {
  return ((w >>> 9) + 0.5) / 0x800000;
}

/**
 * The normal quantile of u, at most 6.34 in size, with a relative error below 2e-9: float32 rounds thirty times more.
 * Two rational functions of our own (scripts/fit-normal.py), in q^2 about the middle and in sqrt(-log p) outside.
 */
export function normalFromWord(w: number): number {
  const q = unit(w) - 0.5; // exact
  const size = Math.abs(q);
  if (size > 0.484375) {
    const r = Math.sqrt(-log(0.5 - size));
    const z = polynomial(TAIL, 5, r) / (polynomial(TAIL + 5, 3, r) * r + 1);
    return q < 0 ? -z : z;
  }
  const t = q * q;
  return (q * polynomial(CENTRE, 7, t)) / (polynomial(CENTRE + 7, 5, t) * t + 1);
}

/** -log u, from 1.1e-10 to 22.9. */
export function exponentialFromWord(w: number): number {
  return -log(unit(w));
}

/** The Gumbel quantile -log(-log u), from -3.14 to 22.9. */
export function gumbelFromWord(w: number): number {
  return -log(-log(unit(w)));
}

/** The logistic quantile log(u / (1 - u)), at most 22.9 in size. */
export function logisticFromWord(w: number): number {
  const u = unit(w);
  return log(u / (1 - u));
}
