import { expect, it } from 'vitest';
import { annealedTemperature } from './temperature.ts';

// Golden: max(exp(-3e-5 t), 0.5), t rounded down to thousands (systems.md 8.2); log 2 / 3e-5 = 23,104.9 steps to 0.5.
it.each([
  [0, 1],
  [999, 1],
  [1000, Math.exp(-0.03)],
  [1999, Math.exp(-0.03)],
  [23_999, Math.exp(-0.69)],
  [24_000, 0.5],
  [1e9, 0.5],
])('at step %i', (step, temperature) => {
  expect(annealedTemperature(step)).toBeCloseTo(temperature, 12);
});

it('takes another schedule', () => {
  const schedule = { start: 2, rate: 0.1, least: 0.25, every: 10 };
  expect([9, 10, 29, 100].map((step) => annealedTemperature(step, schedule))).toEqual([
    ...[2, 2 * Math.exp(-1), 2 * Math.exp(-2), 0.25],
  ]);
});

it.each([
  [-1, {}, 'step'],
  [Number.NaN, {}, 'step'],
  [0, { start: 0 }, 'start'],
  [0, { rate: -1 }, 'rate'],
  [0, { least: 0 }, 'least'],
  [0, { every: 0 }, 'every'],
])('refuses step %f, %o', (step, schedule, name) => {
  expect(() => annealedTemperature(step, schedule)).toThrow(RangeError);
  expect(() => annealedTemperature(step, schedule)).toThrow(`annealedTemperature: ${name} must be`);
});
