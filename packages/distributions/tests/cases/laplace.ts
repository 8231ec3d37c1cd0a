import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const laplace = (loc: unknown, scale: unknown) => ({ distribution: 'Laplace', params: { loc, scale } });

export const laplaceCase: Case = {
  family: 'Laplace',
  examples: [laplace(0.5, 2), laplace([-0.25, 0.5], [[4], [8], [16]])],
  lighter: [laplace(0.5, 1.5), laplace([-0.25, 0.5], [[3], [6], [12]])],
  ordinary: specs('Laplace', { loc: param(number(-5, 5)), scale: param(number(0.25, 4)) }),
  extreme: specs('Laplace', { loc: param(anywhere), scale: param(magnitude(-15, 15)) }),
  value: (_, size) => values(anywhere, size),
  invalid: [
    {
      spec: laplace(0, [1, 0]),
      message: /^Laplace: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/,
    },
    { spec: laplace(Number.NaN, 1), message: /parameter loc .* must be real, got NaN/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};
