import { type Attempts, drawEach } from './attempts.ts';
import { exp, log } from './elementary.ts';
import { exponentialFromWord, normalFromWord, unit } from './from-word.ts';
import { GAMMA } from './streams.ts';

/** Gamma(shape, 1) for a shape of at least 1. Source: Marsaglia & Tsang 2000, ACM TOMS 26(3). */
function drawLarge(shape: number, attempts: Attempts): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (; ; attempts.next()) {
    const x = normalFromWord(attempts.first);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const u = unit(attempts.second);
    const square = x * x;
    if (u < 1 - 0.0331 * square * square || log(u) < 0.5 * square + d - d * v + d * log(v)) return d * v;
  }
}

const valid = (shape: number): boolean => shape > 0 && shape < Number.POSITIVE_INFINITY;

/** log of what Gamma(shape + 1) has to be multiplied by: U^(1 / shape). Source: the same, section 6. */
const boost = (shape: number, attempts: Attempts): number => -exponentialFromWord(attempts.spare()) / shape;

/**
 * One Gamma(concentration[i], rate 1) draw for each element. Divide by a rate to have another. Draws below 1e-45 are 0, as
 * most are for concentrations under 0.005: `logGamma` has them.
 *
 * Element i depends on the seed, i and its own concentration alone. NaN unless that is positive and finite.
 *
 * @throws RangeError unless seed is an integer from 0 to 2^53 - 1.
 */
export function gamma(concentration: ArrayLike<number>, seed: number): Float32Array {
  return drawEach('gamma', concentration.length, seed, GAMMA, (i, attempts) => {
    const shape = concentration[i]!;
    if (!valid(shape)) return Number.NaN;
    if (shape >= 1) return drawLarge(shape, attempts);
    return exp(log(drawLarge(shape + 1, attempts)) + boost(shape, attempts));
  });
}

/**
 * Logarithms of the draws that `gamma` makes of the same seed, for any concentration without underflow: their softmax is a
 * Dirichlet draw.
 *
 * @throws RangeError unless seed is an integer from 0 to 2^53 - 1.
 */
export function logGamma(concentration: ArrayLike<number>, seed: number): Float32Array {
  return drawEach('logGamma', concentration.length, seed, GAMMA, (i, attempts) => {
    const shape = concentration[i]!;
    if (!valid(shape)) return Number.NaN;
    if (shape >= 1) return log(drawLarge(shape, attempts));
    return log(drawLarge(shape + 1, attempts)) + boost(shape, attempts);
  });
}
