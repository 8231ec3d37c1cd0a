import { expect, it } from 'vitest';
import { draw } from './w3.ts';

it('draws each index as often as it is probable', () => {
  const p = Float32Array.of(0.5, 0, 0.3, 0.2);
  const n = 1000;
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) counts[draw(p, (i + 0.5) / n)]! += 1;
  expect(counts).toEqual([500, 0, 300, 200]);
});

it('ends at the last index where rounding leaves the sum below u', () => {
  expect(draw(Float32Array.of(0.5, 0.4999), 0.99999)).toBe(1);
});
