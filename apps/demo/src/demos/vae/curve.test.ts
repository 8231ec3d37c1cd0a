import fc from 'fast-check';
import { expect, it } from 'vitest';
import { axes, linearTicks, logTicks, lossRange, path, thinned } from './curve.ts';

it('thinned averages neighbours and keeps the last step', () => {
  const samples = [4, 2, 6, 8, 5].map((loss, step) => ({ step, loss }));
  expect(thinned(samples, 5)).toBe(samples);
  expect(thinned(samples, 4)).toEqual([
    { step: 1, loss: 3 },
    { step: 3, loss: 7 },
    { step: 4, loss: 5 },
  ]);
});

it('a curve fed for an hour stays within its limit', () => {
  let samples: readonly { step: number; loss: number }[] = [];
  for (let step = 1; step <= 36_000; step += 1) samples = thinned([...samples, { step, loss: 1 }]);
  expect(samples.length).toBeLessThanOrEqual(400);
  expect(samples.length).toBeGreaterThan(150);
  expect(samples.at(-1)!.step).toBe(36_000);
});

it('lossRange holds the curve', () => {
  const [low, high] = lossRange([540, 200, 150].map((loss, step) => ({ step, loss })));
  expect(low).toBeLessThan(150);
  expect(high).toBeGreaterThan(540);
  expect(lossRange([])).toEqual([100, 600]);
  const flat = lossRange([{ step: 0, loss: 100 }]);
  expect(flat[1] / flat[0]).toBeGreaterThanOrEqual(1.1);
});

it('ticks are round, few, rising and inside', () => {
  expect(logTicks([110, 570])).toEqual([120, 200, 300, 500]);
  const property = fc.property(
    fc.double({ min: 20, max: 500, noNaN: true }),
    fc.double({ min: 1.1, max: 20, noNaN: true }),
    (low, ratio) => {
      const ticks = logTicks([low, low * ratio]);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks.every((tick) => tick >= low && tick <= low * ratio)).toBe(true);
      expect([...ticks].sort((a, b) => a - b)).toEqual(ticks);
    },
  );
  fc.assert(property, { seed: 1 });
});

it.each([
  [0, [0]],
  [3, [0, 1, 2, 3]],
  [95, [0, 50]],
  [1000, [0, 500, 1000]],
  [1700, [0, 500, 1000, 1500]],
])('linearTicks(%i)', (last, ticks) => {
  expect(linearTicks(last)).toEqual(ticks);
});

it('the axes put the ends of the ranges into the corners of the box', () => {
  const box = { left: 30, right: 330, top: 10, bottom: 110 };
  const { x, y } = axes(box, 600, [100, 400]);
  expect([x(0), x(600), y(100), y(400)]).toEqual([30, 330, 110, 10]);
  expect(y(200)).toBeCloseTo(60, 9); // the geometric middle
  expect(
    path(
      [
        { step: 0, loss: 400 },
        { step: 600, loss: 100 },
      ],
      { x, y },
    ),
  ).toBe('M30.0 10.0L330.0 110.0');
});
