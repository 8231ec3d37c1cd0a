/** Where each polynomial begins in `coefficients`. */
export const LOG = 0;
export const CENTRE = 8;
export const TAIL = 19;

/**
 * Polynomials of log and of the normal quantile, highest power first. The WASM module reads them here too: one table, so
 * that the twins cannot drift apart.
 */
// biome-ignore format: a line for each polynomial
export const coefficients: readonly number[] = [
  1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3,
  // Made by scripts/fit-normal.py. A constant term of 1 in the denominators is left out.
  -32.4301222143, 194.2590491388, -253.6555421419, 131.5463769057, -29.96399734865, 2.506628275537,
  -46.09554023384, 144.2004303205, -144.305603577, 63.7912131436, -13.00110281596,
  0.9647958324969, 7.031085449522, 5.853239314737, -6.704431065661, -2.995740649206,
  0.6819669654547, 4.988269273189, 5.623206108206,
];

/** The polynomial of `terms` coefficients from `start` at x. */
export function polynomial(start: number, terms: number, x: number): number {
  let sum = coefficients[start]!;
  for (let i = start + 1; i < start + terms; i++) sum = sum * x + coefficients[i]!;
  return sum;
}
