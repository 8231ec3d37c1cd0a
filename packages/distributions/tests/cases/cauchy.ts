import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const cauchy = (loc: unknown, scale: unknown) => ({ distribution: 'Cauchy', params: { loc, scale } });

export const cauchyCase: Case = {
  family: 'Cauchy',
  examples: [cauchy(0.5, 2), cauchy([-3, 100], [[0.25], [1], [8]])],
  lighter: [cauchy(0.5, 1.5), cauchy([-3, 100], [[0.1875], [0.75], [6]])],
  ordinary: specs('Cauchy', { loc: param(number(-5, 5)), scale: param(number(0.25, 4)) }),
  extreme: specs('Cauchy', { loc: param(anywhere), scale: param(magnitude(-15, 15)) }),
  value: (_, size) => values(anywhere, size),
  invalid: [
    { spec: cauchy(0, [1, 0]), message: /^Cauchy: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/ },
    { spec: cauchy(Number.NaN, 1), message: /parameter loc .* must be real, got NaN/ },
  ],
  undefined: ['covariance', 'mean', 'variance', 'stddev'],
  reparameterized: true,
};
