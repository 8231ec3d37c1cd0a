import { expect, it } from 'vitest';
import { permutation, Random } from './random.ts';

it('pins its numbers: the data made here must not change between versions', () => {
  const random = new Random(0);
  expect([random.bits(), random.bits(), random.bits()]).toEqual([2439494899, 2765583956, 4084555224]);
});

it('seeds and streams differ', () => {
  const first = (seed: number, stream = 0) => new Random(seed, stream).bits();
  const draws = [first(0), first(1), first(2 ** 32), first(2 ** 53 - 1), first(0, 1), first(1, 1), first(0, 2 ** 31)];
  expect(new Set(draws).size).toBe(draws.length);
});

// 5 standard errors. Uniform: deviation 1 / sqrt(12). A generator stuck in one half fails at once.
it('is uniform and bell-shaped', () => {
  const n = 100_000;
  const random = new Random(7);
  let [sum, bells, squares] = [0, 0, 0];
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < n; i++) {
    sum += random.between(0, 1);
    const bell = random.bell();
    bells += bell;
    squares += bell * bell;
    counts[random.below(10)]!++;
  }
  expect(Math.abs(sum / n - 0.5)).toBeLessThan(5 * (1 / Math.sqrt(12 * n)));
  expect(Math.abs(bells / n)).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(1.7 / n)); // kurtosis 2.7
  for (const count of counts) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n * 0.09));
});

it('permutes', () => {
  const order = permutation(1000, 3);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(permutation(1000, 3)).toEqual(order);
  expect(permutation(0, 0)).toHaveLength(0);
});
