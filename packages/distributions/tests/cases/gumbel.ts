import fc from 'fast-check';
import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const gumbel = (loc: unknown, scale: unknown) => ({ distribution: 'Gumbel', params: { loc, scale } });

export const gumbelCase: Case = {
  family: 'Gumbel',
  examples: [gumbel(0.5, 2), gumbel([-3, 100], [[1], [2], [8]])],
  lighter: [gumbel(0.5, 1.5), gumbel([-3, 100], [[0.75], [1.5], [6]])],
  ordinary: specs('Gumbel', { loc: param(number(-5, 5)), scale: param(number(0.25, 4)) }),
  // A draw is rounded to float32: with |loc| beyond some 1e8 scales it may land where the density is 0 in float32.
  extreme: fc
    .tuple(number(-1000, 1000), magnitude(-30, 30))
    .map(([ratio, scale]) => gumbel(Math.fround(ratio * scale), scale)),
  value: (_, size) => values(anywhere, size),
  invalid: [
    { spec: gumbel(0, [1, 0]), message: /^Gumbel: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/ },
    { spec: gumbel(Number.NaN, 1), message: /parameter loc .* must be real, got NaN/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};
