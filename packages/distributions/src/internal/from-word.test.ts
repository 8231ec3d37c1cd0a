import { expect, it } from 'vitest';
import goldens from '../../fixtures/draws.json';
import { exponentialFromWord, gumbelFromWord, logisticFromWord, normalFromWord, uniformFromWord } from './from-word.ts';

const quantiles = goldens.quantiles as [number, number][];

/** The last place of a float32 near x. */
const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23);

// Golden: scipy 1.17.1, scipy.special.ndtri (fixtures/draws.py).
it.each(quantiles)(
  'normalFromWord(%i) is %f, and as a float32 the nearest but for 0.03 of the last place',
  (word, golden) => {
    expect(Math.abs(normalFromWord(word) - golden)).toBeLessThan(2e-9 * Math.abs(golden));
    expect(Math.abs(Math.fround(normalFromWord(word)) - golden)).toBeLessThan(0.53 * ulp(golden));
  },
);

it('the normal quantile rises from word to word, across the change of formula too, and is odd', () => {
  for (const start of [0, 2 ** 26 - 500, 2 ** 31 - 500]) {
    for (let w = start; w < start + 1000; w++) {
      expect(normalFromWord(w + 1)).toBeGreaterThan(normalFromWord(w));
      expect(normalFromWord(2 ** 32 - 1 - w)).toBe(-normalFromWord(w));
    }
  }
});

it('uniforms stay inside (0, 1) in float32', () => {
  expect(Math.fround(uniformFromWord(0))).toBe(2 ** -24);
  expect(Math.fround(uniformFromWord(0xffffffff))).toBe(1 - 2 ** -24);
});

// Golden: closed form, log(u / (1 - u)) at u = 2^-33 and 1/2 + 2^-33.
it('logistic quantiles at both ends and in the middle', () => {
  expect(logisticFromWord(0)).toBeCloseTo(-33 * Math.LN2, 9);
  expect(logisticFromWord(0xffffffff)).toBeCloseTo(33 * Math.LN2, 9);
  expect(Math.abs(logisticFromWord(0x80000000) - 2 ** -31)).toBeLessThan(1e-14);
});

// Goldens: closed forms; -log(1 - e) is e + e^2 / 2 to the last digit of a float64.
it('exponential and Gumbel quantiles keep their digits at both ends', () => {
  const e = 2 ** -33;
  expect(exponentialFromWord(0)).toBeCloseTo(33 * Math.LN2, 13);
  expect(Math.abs(exponentialFromWord(0xffffffff) / (e + (e * e) / 2) - 1)).toBeLessThan(1e-15);
  expect(gumbelFromWord(0)).toBeCloseTo(-Math.log(33 * Math.LN2), 14);
  expect(gumbelFromWord(0xffffffff)).toBeCloseTo(33 * Math.LN2, 9);
});
