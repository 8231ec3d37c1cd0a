import { expect, it } from 'vitest';
import { randomCodePoints } from './random-code-points.ts';

const points = (text: string) => Array.from(text, (character) => character.codePointAt(0)!);

it('is uniform over the scalar values of Unicode, without the surrogates', () => {
  const found = points(randomCodePoints({ count: 100_000, seed: 1 }));
  expect(found).toHaveLength(100_000);
  expect(found.some((c) => c >= 0xd800 && c <= 0xdfff)).toBe(false);
  // 17 planes: each has 65,536 of 1,112,064 code points, the first 2,048 fewer. 5 standard errors.
  for (let plane = 0; plane < 17; plane++) {
    const share = (plane === 0 ? 63_488 : 65_536) / 1_112_064;
    const count = found.filter((c) => c >> 16 === plane).length;
    expect(Math.abs(count - 100_000 * share)).toBeLessThan(5 * Math.sqrt(100_000 * share));
  }
  const low = found.filter((c) => (c & 0xffff) < 0x8000).length;
  expect(Math.abs(low / 100_000 - (17 * 0x8000) / 1_112_064)).toBeLessThan(5 * (0.5 / Math.sqrt(100_000)));
});

it('of one plane: none above it, and those after the surrogates too', () => {
  const found = points(randomCodePoints({ count: 50_000, seed: 2, planes: 1 }));
  expect(Math.max(...found)).toBeLessThan(0x10000);
  const after = found.filter((c) => c >= 0xe000).length;
  expect(Math.abs(after / 50_000 - 0x2000 / 63_488)).toBeLessThan(5 * (0.34 / Math.sqrt(50_000)));
});

it('the first ones do not depend on the count, others come from other seeds', () => {
  const text = randomCodePoints({ count: 20, seed: 3 });
  expect(randomCodePoints({ count: 40, seed: 3 }).startsWith(text)).toBe(true);
  expect(randomCodePoints({ count: 20, seed: 4 })).not.toBe(text);
  expect(randomCodePoints({ count: 0, seed: 3 })).toBe('');
});

it('refuses what is none', () => {
  expect(() => randomCodePoints({ count: -1, seed: 0 })).toThrow('count must be a natural number, got -1');
  expect(() => randomCodePoints({ count: 1, seed: 0, planes: 18 })).toThrow('planes must be an integer from 1 to 17');
});
