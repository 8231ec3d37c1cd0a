import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compare, editDistance } from './compare.ts';

// The flaw of systems.md 1.8.1: the source scores 1 for output that is too long, and its later form for output that is cut off.
it('output that is too long or too short is not right', () => {
  expect(compare('ab', 'abXYZ').charAccuracy).toBe(2 / 5);
  expect(compare('abXYZ', 'ab').charAccuracy).toBe(2 / 5);
  expect(compare('ab', 'abXYZ').editDistance).toBe(3);
  expect(compare('ab', '').charAccuracy).toBe(0);
});

it('NULs at the ends are padding', () => {
  expect(compare('ab\0\0', 'ab')).toEqual({
    charAccuracy: 1,
    byteAccuracy: 1,
    tokenAccuracy: 1,
    unpredictableByteAccuracy: 1,
    editDistance: 0,
  });
  expect(compare('\0ab', 'ab').charAccuracy).toBe(0);
});

it('two empty texts are equal', () => {
  expect(compare('', '\0')).toMatchObject({ charAccuracy: 1, byteAccuracy: 1, tokenAccuracy: 1, editDistance: 0 });
  expect(compare('', '').unpredictableByteAccuracy).toBeNaN();
});

// By hand: 00 00 00 61..65 against the same with one byte of the third character wrong.
it('counts characters, bytes and tokens', () => {
  const { charAccuracy, byteAccuracy, tokenAccuracy, editDistance: distance } = compare('abcde', 'abXde');
  expect([charAccuracy, byteAccuracy, tokenAccuracy, distance]).toEqual([4 / 5, 19 / 20, 1 / 2, 1]);
  expect(compare('abcde', 'abXde', { tokenSize: 4 }).tokenAccuracy).toBe(4 / 5);
});

// In 'aaab' the guesses are 0, 0, 0, 'a': one byte of 16 is not predictable, and 'aaaa' misses it.
it('without the predictable bytes, constant output is worth nothing', () => {
  const { byteAccuracy, unpredictableByteAccuracy } = compare('aaab', 'aaaa');
  expect([byteAccuracy, unpredictableByteAccuracy]).toEqual([15 / 16, 0]);
  expect(compare('aaab', 'xxxb').unpredictableByteAccuracy).toBe(1);
});

// Golden: Levenshtein 1966's examples as everyone gives them.
it.each([
  ['kitten', 'sitting', 3],
  ['saturday', 'sunday', 3],
  ['', 'abc', 3],
  ['flaw', 'lawn', 2],
  ['😀a', 'a', 1],
])('edit distance of %s and %s', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

/** By the definition: the whole table. */
function wholeTable(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array(b.length).fill(0)]);
  for (let j = 1; j <= b.length; j++) table[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      table[i]![j] = Math.min(replaced, table[i - 1]![j]! + 1, table[i]![j - 1]! + 1);
    }
  }
  return table[a.length]![b.length]!;
}

it('the band finds what the whole table does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 25 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(editDistance(a, b)).toBe(wholeTable(a, b));
    }),
    { seed: 2, numRuns: 1000 },
  );
});

it('is quick for long texts that are nearly alike', () => {
  const long = 'abcdefghij'.repeat(20_000);
  const started = performance.now();
  expect(editDistance(`x${long}`, `${long.slice(0, 100_000)}y${long.slice(100_000)}`)).toBe(2);
  expect(performance.now() - started).toBeLessThan(20_000); // the whole table has 4e10 cells: minutes
});

it('refuses token sizes that are none', () => {
  expect(() => compare('a', 'a', { tokenSize: 0 })).toThrow(
    new RangeError('compare: tokenSize must be a positive integer number of bytes, got 0.'),
  );
});
