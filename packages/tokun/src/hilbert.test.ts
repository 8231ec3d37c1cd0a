import { expect, it } from 'vitest';
import { fold, hilbertCurve, unfold } from './hilbert.ts';

const coordinates = (index: number, order: number, rank: number) =>
  Array.from({ length: rank }, (_, axis) => (index >> (order * (rank - 1 - axis))) & (2 ** order - 1));

const CUBES = [
  [1, 2],
  [2, 2],
  [5, 2],
  [1, 3],
  [3, 3],
  [2, 4],
  [4, 1],
] as const;

it.each(CUBES)('order %i, rank %i: every cell once, and neighbours at Manhattan distance 1', (order, rank) => {
  const curve = hilbertCurve({ order, rank });
  expect([...curve].sort((a, b) => a - b)).toEqual(Array.from(curve, (_, i) => i));
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [coordinates(curve[i - 1]!, order, rank), coordinates(curve[i]!, order, rank)];
    expect(a.reduce((sum, x, axis) => sum + Math.abs(x - b[axis]!), 0)).toBe(1);
  }
});

it('rank 1 is the identity', () => {
  expect([...hilbertCurve({ order: 3, rank: 1 })]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it.each(CUBES)('order %i, rank %i: unfold after fold is the identity', (order, rank) => {
  const curve = hilbertCurve({ order, rank });
  const items = Float32Array.from({ length: 3 * curve.length }, (_, i) => i);
  const cube = fold(items, curve, 3);
  expect(unfold(cube, curve, 3)).toEqual(items);
  expect([...cube.subarray(3 * curve[1]!, 3 * curve[1]! + 3)]).toEqual([3, 4, 5]);
});

it('refuses what does not fit', () => {
  expect(() => hilbertCurve({ order: 0, rank: 2 })).toThrow('order must be a positive integer, got 0');
  expect(() => hilbertCurve({ order: 13, rank: 2 })).toThrow('at most 2^24 cells, got 2^(2 x 13)');
  expect(() => fold(new Uint8Array(3), hilbertCurve({ order: 1, rank: 2 }))).toThrow(
    new RangeError('fold: expected 4 items of 1 numbers, got 3 numbers.'),
  );
});
