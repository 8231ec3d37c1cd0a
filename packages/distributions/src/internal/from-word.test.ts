import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { logisticFromWord, logOfInteger, normalFromWord, uniformFromWord } from './from-word.ts';

const fixture = new URL('../../fixtures/draws.json', import.meta.url);
const { quantiles } = JSON.parse(readFileSync(fixture, 'utf8')) as { quantiles: [number, number][] };

// Golden: scipy 1.17.1, scipy.special.ndtri (fixtures/draws.py).
it.each(quantiles)('normalFromWord(%i) is %f', (word, golden) => {
  expect(Math.abs(normalFromWord(word) - golden)).toBeLessThan(2e-15 * Math.abs(golden));
});

it('the normal quantile rises from word to word, across the change of formula too, and is odd', () => {
  const border = Math.round(0.075 * 2 ** 32); // |u - 1/2| = 0.425
  for (const start of [0, border - 500, 2 ** 31 - 500]) {
    for (let w = start; w < start + 1000; w++) {
      expect(normalFromWord(w + 1)).toBeGreaterThan(normalFromWord(w));
      expect(normalFromWord(2 ** 32 - 1 - w)).toBe(-normalFromWord(w));
    }
  }
});

it('logOfInteger agrees with Math.log on every magnitude', () => {
  expect(logOfInteger(1)).toBe(0);
  for (let power = 1; power <= 33; power++) {
    for (const n of [
      2 ** power - 1,
      2 ** (power - 1) + 1,
      Math.floor(2 ** (power - 0.5)),
      Math.ceil(2 ** (power - 0.5)),
    ]) {
      expect(Math.abs(logOfInteger(n) - Math.log(n))).toBeLessThanOrEqual(8e-16 * Math.log(n));
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
