import fc from 'fast-check';
import { anywhere, type Case, number, values } from '../case.ts';

const uniform = (low: unknown, high: unknown) => ({ distribution: 'Uniform', params: { low, high } });

export const uniformCase: Case = {
  family: 'Uniform',
  examples: [uniform(-1, 3), uniform([-3, 100], [[101], [104], [1000]])],
  lighter: [uniform(-1, 3), uniform([-3, 100], [[101], [104], [1000]])], // no other one has the same support
  ordinary: fc
    .tuple(number(-5, 0), number(0.25, 4))
    .map(([low, high]) => uniform([low, low - 1], [[high], [high + 1]])),
  extreme: fc
    .tuple(anywhere, anywhere)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => uniform(Math.min(a, b), Math.max(a, b))),
  value: (_, size) => values(anywhere, size),
  outside: () => [[-4], [1001], [1e30]],
  invalid: [
    {
      spec: uniform(0, [1, 0]),
      message: /^Uniform: parameter high of shape \[2\] must be greater than low, got 0 at \[1\]\.$/,
    },
    {
      spec: uniform([0, 2], 1),
      message: /^Uniform: parameter high of shape \[\] must be greater than low, got 1 at \[\]\.$/,
    },
    { spec: uniform(Number.NaN, 1), message: /parameter low .* must be real, got NaN/ },
  ],
  undefined: ['covariance', 'mode'],
  reparameterized: true,
};
