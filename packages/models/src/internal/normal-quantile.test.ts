import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalQuantile } from './normal-quantile.ts';

// Golden: published tables of the standard normal distribution (0.975 -> 1.959963984540054 is the usual 95 % limit);
// 0.15865525393145707 and 2.866515718791933e-7 are the distribution function at -1 and -5, by erfc in float64.
it.each([
  [0.5, 0],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.15865525393145707, -1],
  [2.866515718791933e-7, -5],
  [1e-12, -7.034483825],
])('quantile of %f', (p, golden) => {
  expect(Math.abs(normalQuantile(p) - golden)).toBeLessThanOrEqual(2e-7 * Math.abs(golden));
});

it('is odd around one half and grows', () => {
  const p = fc.double({ min: 1e-6, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(p, p, (a, b) => {
      expect(normalQuantile(1 - a)).toBeCloseTo(-normalQuantile(a), 5);
      fc.pre(Math.abs(a - b) > 1e-6);
      expect(Math.sign(normalQuantile(a) - normalQuantile(b))).toBe(Math.sign(a - b));
    }),
    { seed: 1, numRuns: 200 },
  );
});
