import { expect, it } from 'vitest';
import {
  constant,
  cosineDecay,
  cyclical,
  exponentialDecay,
  linearWarmUp,
  piecewiseConstant,
  type Schedule,
} from './schedules.ts';

// All by hand: [step, value] at the ends, on both sides of every bend, and in between.
const CASES: [string, Schedule, [number, number][]][] = [
  [
    'constant',
    constant(0.3),
    [
      [0, 0.3],
      [1e9, 0.3],
    ],
  ],
  [
    'linearWarmUp from 0 to 1',
    linearWarmUp({ steps: 200 }),
    [
      [0, 0],
      [1, 0.005],
      [50, 0.25],
      [199, 0.995],
      [200, 1],
      [5000, 1],
    ],
  ],
  [
    'linearWarmUp down',
    linearWarmUp({ steps: 10, from: 5, to: 1 }),
    [
      [0, 5],
      [5, 3],
      [10, 1],
      [11, 1],
    ],
  ],
  // Two cycles of 50: a rise over 25 steps, then 25 at the top.
  [
    'cyclical',
    cyclical({ steps: 100, cycles: 2 }),
    [
      [0, 0],
      [5, 0.2],
      [25, 1],
      [49, 1],
      [50, 0],
      [60, 0.4],
      [75, 1],
      [99, 1],
      [100, 1],
      [150, 1],
    ],
  ],
  // Four cycles of 25 unless said: step 30 is 5 of 25 into the second, of which the first 12.5 rise.
  [
    'cyclical as in the paper',
    cyclical({ steps: 100 }),
    [
      [25, 0],
      [30, 0.4],
      [40, 1],
      [50, 0],
    ],
  ],
  [
    'cyclical from 0.1 to 0.5, rising throughout',
    cyclical({ steps: 30, cycles: 3, ratio: 1, from: 0.1, to: 0.5 }),
    [
      [0, 0.1],
      [5, 0.3],
      [10, 0.1],
      [25, 0.3],
      [30, 0.5],
    ],
  ],
  [
    'exponentialDecay',
    exponentialDecay({ initial: 0.8, rate: 0.25, steps: 100 }),
    [
      [0, 0.8],
      [50, 0.4],
      [100, 0.2],
      [200, 0.05],
    ],
  ],
  [
    'exponentialDecay by steps',
    exponentialDecay({ initial: 0.8, rate: 0.25, steps: 100, staircase: true }),
    [
      [0, 0.8],
      [99, 0.8],
      [100, 0.2],
      [199, 0.2],
      [200, 0.05],
    ],
  ],
  [
    'piecewiseConstant',
    piecewiseConstant({ boundaries: [3, 10], values: [1, 0.5, 0.1] }),
    [
      [0, 1],
      [2, 1],
      [3, 0.5],
      [9, 0.5],
      [10, 0.1],
      [1000, 0.1],
    ],
  ],
  ['piecewiseConstant of one piece', piecewiseConstant({ boundaries: [], values: [7] }), [[5, 7]]],
  // cos(pi / 3) = 1/2, cos(pi / 2) = 0, cos(2 pi / 3) = -1/2.
  [
    'cosineDecay',
    cosineDecay({ initial: 1, steps: 6, final: 0.2 }),
    [
      [0, 1],
      [2, 0.8],
      [3, 0.6],
      [4, 0.4],
      [6, 0.2],
      [60, 0.2],
    ],
  ],
  [
    'cosineDecay to 0',
    cosineDecay({ initial: 0.01, steps: 10 }),
    [
      [0, 0.01],
      [5, 0.005],
      [10, 0],
      [11, 0],
    ],
  ],
];

it.each(CASES)('%s', (_, schedule, golden) => {
  for (const [step, value] of golden) expect(schedule(step), `step ${step}`).toBeCloseTo(value, 12);
});

it.each([
  [() => constant(Number.NaN), 'constant: value must be a finite number, got NaN.'],
  [() => linearWarmUp({ steps: 0 }), 'linearWarmUp: steps must be positive, got 0.'],
  [() => linearWarmUp({ steps: 5, to: Number.POSITIVE_INFINITY }), 'to must be a finite number, got Infinity.'],
  [() => cyclical({ steps: -1 }), 'cyclical: steps must be positive, got -1.'],
  [() => cyclical({ steps: 9, cycles: 1.5 }), 'cycles must be a positive integer, got 1.5. Omit it to use 4.'],
  [() => cyclical({ steps: 9, ratio: 0 }), 'ratio must be in (0, 1], got 0.'],
  [() => cyclical({ steps: 9, ratio: 1.1 }), 'ratio must be in (0, 1], got 1.1.'],
  [() => exponentialDecay({ initial: 1, rate: 0, steps: 1 }), 'exponentialDecay: rate must be positive, got 0.'],
  [() => exponentialDecay({ initial: 1, rate: 0.5, steps: Number.NaN }), 'steps must be positive, got NaN.'],
  [() => piecewiseConstant({ boundaries: [3, 3], values: [1, 2, 3] }), 'must be positive and rise, got [3, 3].'],
  [() => piecewiseConstant({ boundaries: [0], values: [1, 2] }), 'must be positive and rise, got [0].'],
  [
    () => piecewiseConstant({ boundaries: [3], values: [1] }),
    'values must be 2 finite numbers, one more than boundaries, got [1].',
  ],
  [() => cosineDecay({ initial: 1, steps: 0 }), 'cosineDecay: steps must be positive, got 0.'],
])('refuses what makes no schedule: %#', (make, message) => {
  expect(make).toThrow(RangeError);
  expect(make).toThrow(message);
});

// systems.md 1.9: tokun's rates by epoch, 1e-6 + 9.9e-5 0.8^epoch.
it('decays to a floor', () => {
  const schedule = exponentialDecay({ initial: 1e-4, rate: 0.8, steps: 1, floor: 1e-6 });
  for (const [epoch, rate] of [1e-4, 8.02e-5, 6.436e-5].entries()) expect(schedule(epoch)).toBeCloseTo(rate, 12);
  expect(schedule(200)).toBeCloseTo(1e-6, 12);
});
