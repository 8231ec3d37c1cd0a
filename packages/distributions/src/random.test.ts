import { expect, it } from 'vitest';
import goldens from '../fixtures/draws.json';
import { sha256 } from '../tests/digest.ts';
import { bits, exponential, foldIn, gumbel, logistic, normal, permutation, splitSeed, uniform } from './random.ts';

// Goldens: fixtures/draws.py, a second implementation in numpy 2.4.6. Digests: not one bit of 100,001 draws differs.
it.each(goldens.draws)('seed $seed: every bit as numpy computes it', async (golden) => {
  const { seed } = golden;
  expect({
    bits: await sha256(bits(goldens.count, seed)),
    uniform: await sha256(uniform(goldens.count, seed)),
    normal: await sha256(normal(goldens.count, seed)),
    logistic: await sha256(logistic(goldens.count, seed)),
    gumbel: await sha256(gumbel(goldens.count, seed)),
    exponential: await sha256(exponential(goldens.count, seed)),
    split: splitSeed(seed, 3),
    fold: (golden.fold as [number, number][]).map(([data]) => [data, foldIn(seed, data)]),
    permutation: [...permutation(20, seed)],
  }).toEqual({
    bits: golden.bits,
    uniform: golden.uniform,
    normal: golden.normal,
    logistic: golden.logistic,
    gumbel: golden.gumbel,
    exponential: golden.exponential,
    split: golden.split,
    fold: golden.fold,
    permutation: golden.permutation,
  });
});

it('gives the beginning of a longer call to a shorter one, an empty one included', () => {
  for (const draw of [bits, uniform, normal, logistic, gumbel, exponential]) {
    const long = draw(101, 7);
    for (const count of [0, 1, 2, 50]) expect([...draw(count, 7)]).toEqual([...long.subarray(0, count)]);
    expect(draw(1, 7).buffer.byteLength).toBe(4); // nothing hides behind the array
  }
  expect(splitSeed(7, 5).slice(0, 2)).toEqual(splitSeed(7));
  expect(splitSeed(7, 0)).toEqual([]);
});

it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses %d as a seed and as a count', (bad) => {
  for (const draw of [
    bits,
    uniform,
    normal,
    logistic,
    gumbel,
    exponential,
    permutation,
    (n: number, seed: number) => splitSeed(seed, n),
  ]) {
    expect(() => draw(1, bad)).toThrow(new RegExp(`seed must be an integer from 0 to 2\\^53 - 1, got ${bad}`));
    expect(() => draw(bad, 1)).toThrow(new RegExp(`(count|n) must be an integer from 0 to .*, got ${bad}`));
  }
  expect(() => foldIn(0, bad)).toThrow(`foldIn: data must be an integer from 0 to 2^53 - 1, got ${bad}.`);
});

it('parent, children and folded seeds are all different', () => {
  const family = [3, ...splitSeed(3, 1000), ...Array.from({ length: 1000 }, (_, i) => foldIn(3, i))];
  expect(new Set(family).size).toBe(family.length); // two equal by chance: 2e-10
  expect(family.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
});

// Bound of fixtures/draws.json: a right one passes but 1e-3 of the time.
it('permutation: each of the 24 orders of 4 as often as any other', () => {
  const counts = new Map<string, number>();
  const total = 24_000;
  for (let seed = 0; seed < total; seed++) {
    const order = permutation(4, seed).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(goldens.chiSquare.permutation);
});

it('permutation: holds every index once, for none and one too', () => {
  for (const n of [0, 1, 2, 5000]) {
    const order = permutation(n, 9);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});
