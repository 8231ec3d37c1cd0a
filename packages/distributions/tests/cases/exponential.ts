import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const exponential = (rate: unknown) => ({ distribution: 'Exponential', params: { rate } });

export const exponentialCase: Case = {
  family: 'Exponential',
  examples: [exponential(0.5), exponential([4, 1, 0.125])],
  lighter: [exponential(0.75), exponential([5, 1.5, 0.1875])],
  ordinary: specs('Exponential', { rate: param(number(0.25, 4)) }),
  extreme: specs('Exponential', { rate: param(magnitude(-30, 30)) }),
  value: (_, size) => values(anywhere.map(Math.abs), size),
  outside: () => [[-1], [-1e-30], [-1e30]],
  invalid: [
    {
      spec: exponential([1, 0]),
      message: /^Exponential: parameter rate of shape \[2\] must be positive, got 0 at \[1\]\.$/,
    },
    { spec: exponential(Number.NaN), message: /parameter rate .* must be positive, got NaN/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};
