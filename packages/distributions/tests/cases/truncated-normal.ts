import fc from 'fast-check';
import { anywhere, type Case, magnitude, number, values } from '../case.ts';

const truncatedNormal = (loc: unknown, scale: unknown, low: unknown, high: unknown) => ({
  distribution: 'TruncatedNormal',
  params: { loc, scale, low, high },
});

export const truncatedNormalCase: Case = {
  family: 'TruncatedNormal',
  examples: [truncatedNormal(0.5, 2, -1, 4), truncatedNormal(0, [[1], [2]], [-2, -1, 30], [-1, 1.5, 31])],
  lighter: [truncatedNormal(0.5, 1.5, -1, 4), truncatedNormal(0, [[0.9375], [1.875]], [-2, -1, 30], [-1, 1.5, 31])],
  ordinary: fc
    .tuple(number(-5, 5), number(0.25, 4), number(-5, 0), number(0.25, 4))
    .map(([loc, scale, low, high]) => truncatedNormal([loc, -loc], scale, low, [[high], [high + 1]])),
  extreme: fc
    .tuple(anywhere, magnitude(-15, 15), anywhere, anywhere)
    .filter(([, , a, b]) => a !== b)
    .map(([loc, scale, a, b]) => truncatedNormal(loc, scale, Math.min(a, b), Math.max(a, b))),
  value: (_, size) => values(anywhere, size),
  outside: () => [[-4], [31.5], [1e30]],
  invalid: [
    {
      spec: truncatedNormal(0, 1, 0, [1, 0]),
      message: /^TruncatedNormal: parameter high of shape \[2\] must be greater than low, got 0 at \[1\]\.$/,
    },
    {
      spec: truncatedNormal(0, -1, 0, 1),
      message: /^TruncatedNormal: parameter scale of shape \[\] must be positive, got -1 at \[\]\.$/,
    },
  ],
  undefined: ['covariance', 'klDivergence', 'crossEntropy'],
  reparameterized: true,
};
