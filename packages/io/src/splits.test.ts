import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitByHash, splitIndices } from './splits.ts';

const all = (count: number) => Array.from({ length: count }, (_, i) => i);
const sorted = (...parts: Uint32Array[]) => parts.flatMap((part) => [...part]).sort((a, b) => a - b);

it.each([
  [60_000, 54_000],
  [8_000, 7_200],
  [100, 90],
  [2, 1],
  [1, 1],
  [0, 0],
])('of %i, %i are for training', (count, training) => {
  const { train, validation } = splitIndices(count);
  expect(train.length).toBe(training);
  expect(validation.length).toBe(count - training);
  expect(sorted(train, validation)).toEqual(all(count));
});

it('is the same every time, and random', () => {
  expect(splitIndices(1000)).toEqual(splitIndices(1000, { seed: 0 }));
  expect(splitIndices(1000, { seed: 1 }).validation).not.toEqual(splitIndices(1000).validation);
  // Golden: pinned from the first run, so that a later version does not move users' validation parts.
  expect([...splitIndices(20).validation]).toEqual([12, 5]);
  // The mean index of a random 1,000 of 10,000 is 4999.5 +- 87 (one standard error); 5 of them.
  const mean = splitIndices(10_000).validation.reduce((sum, index) => sum + index, 0) / 1000;
  expect(Math.abs(mean - 4999.5)).toBeLessThan(5 * 87);
});

it('refuses other counts and fractions', () => {
  expect(() => splitIndices(-1)).toThrow('count must be a natural number');
  expect(() => splitIndices(10, { fraction: 1 })).toThrow('fraction must be between 0 and 1');
  expect(() => splitIndices(10, { seed: -1 })).toThrow('a seed is a non-negative safe integer');
});

it('by hash: equal items stay together, nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 })), (items) => {
      const { train, validation, test } = splitByHash(items.length, (i) => items[i]!);
      expect(sorted(train, validation, test)).toEqual(all(items.length));
      const texts = [train, validation, test].map((part) => new Set([...part].map((i) => items[i]!)));
      const distinct = new Set(items).size;
      expect(texts[0]!.size + texts[1]!.size + texts[2]!.size).toBe(distinct);
      const least = Math.min(...texts.map((set) => set.size));
      expect(distinct < 3 || least > 0).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
});

it('by hash: 80/10/10, and an item keeps its part when others come', () => {
  const items = all(10_000).map((i) => `item ${i}`);
  const { train, validation, test } = splitByHash(10_000, (i) => items[i]!);
  // 5 standard errors: sqrt(10,000 * 0.1 * 0.9) = 30, sqrt(10,000 * 0.8 * 0.2) = 40.
  expect(Math.abs(train.length - 8000)).toBeLessThan(5 * 40);
  expect(Math.abs(validation.length - 1000)).toBeLessThan(5 * 30);
  expect(Math.abs(test.length - 1000)).toBeLessThan(5 * 30);
  const fewer = splitByHash(5000, (i) => items[i]!);
  expect(fewer.test).toEqual(test.filter((i) => i < 5000));
  expect(fewer.validation).toEqual(validation.filter((i) => i < 5000));
});

it('by hash: text and its bytes are the same item', () => {
  const items = all(100).map((i) => `naïve ${i}`);
  const encoder = new TextEncoder();
  expect(splitByHash(100, (i) => encoder.encode(items[i]!))).toEqual(splitByHash(100, (i) => items[i]!));
});
