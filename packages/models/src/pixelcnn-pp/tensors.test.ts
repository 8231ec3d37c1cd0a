import { expect, it } from 'vitest';
import { dropoutMask } from './tensors.ts';

it('dropout sets a share of the numbers to 0 and scales the others so that the mean stays', () => {
  const size = 100_001;
  for (const share of [0.002, 0.3, 0.5, 0.9]) {
    const mask = dropoutMask(size, share, 5);
    expect(mask.length).toBe(size);
    const kinds = [...new Set(mask)].sort((a, b) => a - b);
    expect(kinds.length).toBe(2);
    expect(kinds[0]).toBe(0);
    expect(kinds[1]! * (1 - share)).toBeCloseTo(1, 6);
    const dead = mask.filter((x) => x === 0).length;
    // 5 standard errors; a mask that is off by one part in a hundred fails.
    expect(Math.abs(dead / size - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / size));
  }
});

it('neighbours are dropped independently, and each seed drops others', () => {
  const n = 100_000;
  const one = dropoutMask(n, 0.5, 1);
  const other = dropoutMask(n, 0.5, 2);
  const agree = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + Number(x === b[i]), 0) / a.length;
  const limit = 5 * (0.5 / Math.sqrt(n)); // 5 standard errors of a share of one half
  expect(Math.abs(agree(one.subarray(1), one.subarray(0, n - 1)) - 0.5)).toBeLessThan(limit);
  expect(Math.abs(agree(one, other) - 0.5)).toBeLessThan(limit);
  expect(agree(one, dropoutMask(n, 0.5, 1))).toBe(1);
});
