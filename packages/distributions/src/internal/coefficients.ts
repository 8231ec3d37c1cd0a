/** Where each polynomial begins in `coefficients`. */
export const LOG = 0;
export const CENTRE = 8;
export const TAIL = 20;

/**
 * Polynomials of log and of the normal quantile, highest power first. The WASM module reads them here too: one table, so
 * that the twins cannot drift apart.
 */
// biome-ignore format: a line for each polynomial
export const coefficients: readonly number[] = [
  ...[17, 15, 13, 11, 9, 7, 5, 3].map((n) => 1 / n),
  // Made by scripts/fit-normal.py. A constant term of 1 in the denominators is left out.
  -18.88352604455, -132.173472068, 451.9211400879, -430.0151431223, 178.7754527434, -34.3704067422, 2.506628271637,
  -145.588384398, 302.4978468315, -232.2750219764, 84.47381291963, -14.75900649729,
  0.8594526894043, 6.454576979692, 5.668501459226, -6.131247958531, -2.961295761294,
  0.6075187131687, 4.578353608188, 5.339845106184,
];

/** The polynomial of `terms` coefficients from `start` at x. */
export function polynomial(start: number, terms: number, x: number): number {
  let sum = coefficients[start]!;
  for (let i = start + 1; i < start + terms; i++) sum = sum * x + coefficients[i]!;
  return sum;
}
