import { gamma, logGamma } from './draw-gamma.ts';

/**
 * Logarithms of Gamma(concentration[i], 1) draws in float64. From a concentration of 1 upwards they are those of float32 draws:
 * the logarithm of a large draw in float32 would keep few digits of the draw.
 */
export function logGammaDraws(concentration: ArrayLike<number>, seed: number): Float64Array {
  const all = Array.from(concentration);
  const logs = all.some((a) => a < 1) ? logGamma(all, seed) : [];
  const draws = all.some((a) => !(a < 1)) ? gamma(all, seed) : [];
  return Float64Array.from(all, (a, i) => (a < 1 ? logs[i]! : Math.log(draws[i]!)));
}
