import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const halfNormal = (scale: unknown) => ({ distribution: 'HalfNormal', params: { scale } });

export const halfNormalCase: Case = {
  family: 'HalfNormal',
  examples: [halfNormal(2), halfNormal([0.25, 1, 8])],
  lighter: [halfNormal(1.5), halfNormal([0.1875, 0.75, 6])],
  ordinary: specs('HalfNormal', { scale: param(number(0.25, 4)) }),
  extreme: specs('HalfNormal', { scale: param(magnitude(-30, 30)) }),
  value: (_, size) => values(anywhere.map(Math.abs), size),
  outside: () => [[-1], [-1e-30], [-1e30]],
  invalid: [
    {
      spec: halfNormal([1, 0]),
      message: /^HalfNormal: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/,
    },
    { spec: halfNormal(Number.NaN), message: /parameter scale .* must be positive, got NaN/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};
