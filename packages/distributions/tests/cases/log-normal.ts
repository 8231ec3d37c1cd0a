import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const logNormal = (loc: unknown, scale: unknown) => ({ distribution: 'LogNormal', params: { loc, scale } });

export const logNormalCase: Case = {
  family: 'LogNormal',
  examples: [logNormal(0.5, 0.5), logNormal([-3, 4], [[0.25], [0.5]])],
  lighter: [logNormal(0.5, 0.4), logNormal([-3, 4], [[0.1875], [0.375]])],
  ordinary: specs('LogNormal', { loc: param(number(-3, 3)), scale: param(number(0.25, 1)) }),
  // Draws stay in the range of float32.
  extreme: specs('LogNormal', { loc: param(number(-50, 50)), scale: param(magnitude(-15, 0.7)) }),
  value: (_, size) => values(anywhere.map(Math.abs), size),
  outside: () => [[-1], [0], [-1e30]],
  invalid: [
    {
      spec: logNormal(0, [1, 0]),
      message: /^LogNormal: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/,
    },
    { spec: logNormal(Number.NaN, 1), message: /parameter loc .* must be real, got NaN/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};
