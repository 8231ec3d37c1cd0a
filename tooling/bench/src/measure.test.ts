import { expect, it } from 'vitest';
import { measure, median } from './measure.ts';

it('median is the middle one, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

it('times at least five runs and two seconds, and disposes the variant once', async () => {
  let runs = 0;
  let disposed = 0;
  const variant = {
    name: 'sleep',
    amount: 10,
    rateUnit: 'naps/s',
    run: async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
    dispose: () => {
      disposed += 1;
    },
  };
  const result = await measure('none', 'cpu', variant);
  expect(result.runs).toBeGreaterThanOrEqual(6); // 6 x 300 ms is still below 2 s, so at least 6
  expect(runs).toBe(result.runs + 2);
  expect(disposed).toBe(1);
  expect(result.min).toBeGreaterThan(290);
  expect(result.ms).toBeGreaterThanOrEqual(result.min);
  expect(result.rate).toBeCloseTo(10 / (result.ms / 1000), 6);
});

it('takes the milliseconds that count, where a variant says so', async () => {
  const run = () => new Promise<void>((resolve) => setTimeout(resolve, 500));
  const part = { name: 'part', amount: 3, rateUnit: 'naps/s', run, counted: () => 12 };
  expect(await measure('none', 'cpu', part)).toMatchObject({ ms: 12, min: 12, runs: 5, rate: 250 });
});
