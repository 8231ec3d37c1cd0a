import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';

const logistic = (loc: unknown, scale: unknown) => ({ distribution: 'Logistic', params: { loc, scale } });

export const logisticCase: Case = {
  family: 'Logistic',
  examples: [logistic(0.5, 2), logistic([-3, 100], [[0.25], [1], [8]])],
  lighter: [logistic(0.5, 1.5), logistic([-3, 100], [[0.1875], [0.75], [6]])],
  ordinary: specs('Logistic', { loc: param(number(-5, 5)), scale: param(number(0.25, 4)) }),
  extreme: specs('Logistic', { loc: param(anywhere), scale: param(magnitude(-15, 15)) }),
  value: (_, size) => values(anywhere, size),
  invalid: [
    {
      spec: logistic(0, [1, 0]),
      message: /^Logistic: parameter scale of shape \[2\] must be positive, got 0 at \[1\]\.$/,
    },
    { spec: logistic(Number.NaN, 1), message: /parameter loc .* must be real, got NaN/ },
  ],
  undefined: ['covariance', 'klDivergence', 'crossEntropy'],
  reparameterized: true,
};
