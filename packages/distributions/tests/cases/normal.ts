import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const normal = (loc: unknown, scale: unknown) => ({ distribution: 'Normal', params: { loc, scale } });

export const normalCase: Case = {
  family: 'Normal',
  examples: [normal(0.5, 2), normal([-3, 100], [[0.25], [1], [8]])],
  lighter: [normal(1, 1.5), normal([-3, 100], [[0.1875], [0.75], [6]])],
  ordinary: specs('Normal', { loc: param(number(-5, 5)), scale: param(number(0.25, 4)) }),
  extreme: specs('Normal', { loc: param(anywhere), scale: param(magnitude(-15, 15)) }),
  value: (_, size) => values(anywhere, size),
  invalid: [
    { spec: normal(0, [1, 0]), message: /^Normal: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/ },
    { spec: normal(0, -2), message: /must be positive, got -2 at \[\]/ },
    { spec: normal(Number.NaN, 1), message: /parameter loc .* must be real, got NaN/ },
  ],
  undefined: ['covariance'], // until the special functions are here
  reparameterized: true,
};
