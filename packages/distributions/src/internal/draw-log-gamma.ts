import { gamma, logGamma } from './draw-gamma.ts';

/**
 * Logarithms of Gamma(concentration[i], 1) draws in float64, exact to float32's precision of the draw where that is not below
 * 1, and of the logarithm elsewhere: the logarithm of a large draw in float32 would keep few digits of the draw.
 */
export function logGammaDraws(concentration: ArrayLike<number>, seed: number): Float64Array {
  const [plain, logs] = [gamma(concentration, seed), logGamma(concentration, seed)];
  return Float64Array.from(plain, (x, i) => (concentration[i]! < 1 ? logs[i]! : Math.log(x)));
}
