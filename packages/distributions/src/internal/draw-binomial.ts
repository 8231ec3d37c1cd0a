import { type Attempts, drawEach } from './attempts.ts';
import { exp, log, log1p } from './elementary.ts';
import { unit, wideUnit } from './from-word.ts';
import { logBinomial } from './saddle-point.ts';
import { BINOMIAL } from './streams.ts';

/** Means below it are searched from 0; above, rejection takes fewer steps. */
const LARGE = 10;

/** The smallest k whose distribution function reaches u. */
function invert(n: number, p: number, u: number): number {
  const odds = p / (1 - p);
  let k = 0;
  let probability = exp(n * log1p(-p));
  for (let sum = probability; u > sum && probability > 2 ** -60; sum += probability) {
    probability *= ((n - k) / (k + 1)) * odds;
    k += 1;
  }
  return Math.min(k, n);
}

/** For p <= 1/2. Source: Hoermann 1993, J. Statistical Computation and Simulation 46, algorithm BTRS. */
function reject(n: number, p: number, attempts: Attempts): number {
  const q = 1 - p;
  const spread = Math.sqrt(n * p * q);
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const squeeze = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * spread;
  const logP = (k: number): number => {
    if (k === 0) return n * log1p(-p);
    return k === n ? n * log(p) : logBinomial(k, n, p, q);
  };
  for (; ; attempts.next()) {
    const u = unit(attempts.first) - 0.5;
    const v = unit(attempts.second);
    const edge = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / edge + b) * u + n * p + 0.5);
    if (edge >= 0.07 && v <= squeeze) return k;
    if (k < 0 || k > n) continue;
    const peak = logP(Math.floor((n + 1) * p));
    if (log((v * alpha) / (a / (edge * edge) + b)) <= logP(k) - peak) return k;
  }
}

/**
 * One draw of the number of successes in totalCount[i] trials of probability prob[i], for each element, as float32: above
 * 2^24 rounded to its 24 bits.
 *
 * Element i depends on the seed, i and its own parameters alone. NaN unless totalCount is an integer of at least 0 and prob
 * from 0 to 1.
 *
 * @throws RangeError unless the parameters are equally long and seed is an integer from 0 to 2^53 - 1.
 */
export function binomial(totalCount: ArrayLike<number>, prob: ArrayLike<number>, seed: number): Float32Array {
  if (totalCount.length !== prob.length) {
    throw new RangeError(
      `binomial: totalCount and prob must be equally long, got ${totalCount.length} and ${prob.length}. ` +
        'Repeat the elements of the shorter one.',
    );
  }
  return drawEach('binomial', prob.length, seed, BINOMIAL, (i, attempts) => {
    const n = totalCount[i]!;
    const success = prob[i]!;
    if (!(Number.isInteger(n) && n >= 0 && success >= 0 && success <= 1)) return Number.NaN;
    const p = success > 0.5 ? 1 - success : success;
    const k = n * p < LARGE ? invert(n, p, wideUnit(attempts.first, attempts.second)) : reject(n, p, attempts);
    return success > 0.5 ? n - k : k;
  });
}
