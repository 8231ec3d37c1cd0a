import { type Attempts, drawEach } from './attempts.ts';
import { exp, log } from './elementary.ts';
import { unit, wideUnit } from './from-word.ts';
import { logPoisson } from './saddle-point.ts';
import { POISSON } from './streams.ts';

/** Below, a search from 0 takes few steps; above, rejection needs fewer. */
const LARGE = 10;

/** The smallest k whose distribution function reaches u. */
function invert(rate: number, u: number): number {
  let k = 0;
  let p = exp(-rate);
  for (let sum = p; u > sum && p > 2 ** -60; sum += p) {
    k += 1;
    p *= rate / k;
  }
  return k;
}

/** Transformed rejection with squeeze. Source: Hoermann 1993, Insurance: Mathematics and Economics 12(1), algorithm PTRS. */
function reject(rate: number, attempts: Attempts): number {
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  for (; ; attempts.next()) {
    const u = unit(attempts.first) - 0.5;
    const v = unit(attempts.second);
    const edge = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / edge + b) * u + rate + 0.43);
    if (edge >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (edge < 0.013 && v > edge)) continue;
    const density = k === 0 ? -rate : logPoisson(k, rate);
    if (log((v * inverseAlpha) / (a / (edge * edge) + b)) <= density) return k;
  }
}

/**
 * One Poisson(rate[i]) draw for each element, as float32: above 2^24 rounded to its 24 bits.
 *
 * Element i depends on the seed, i and its own rate alone. NaN unless that is finite and not negative.
 *
 * @throws RangeError unless seed is an integer from 0 to 2^53 - 1.
 */
export function poisson(rate: ArrayLike<number>, seed: number): Float32Array {
  return drawEach('poisson', rate.length, seed, POISSON, (i, attempts) => {
    const mean = rate[i]!;
    if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY)) return Number.NaN;
    return mean < LARGE ? invert(mean, wideUnit(attempts.first, attempts.second)) : reject(mean, attempts);
  });
}
