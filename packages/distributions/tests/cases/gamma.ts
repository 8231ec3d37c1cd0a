import fc from 'fast-check';
import { anywhere, type Case, magnitude, number, param, specs, values } from '../case.ts';
import type { Spec } from '../spec.ts';

const gamma = (concentration: unknown, rate: unknown): Spec => ({
  distribution: 'Gamma',
  params: { concentration, rate },
});
const beta = (concentration1: unknown, concentration0: unknown): Spec => ({
  distribution: 'Beta',
  params: { concentration1, concentration0 },
});
const dirichlet = (concentration: unknown): Spec => ({ distribution: 'Dirichlet', params: { concentration } });
const studentT = (df: unknown, loc: unknown, scale: unknown): Spec => ({
  distribution: 'StudentT',
  params: { df, loc, scale },
});

export const gammaCase: Case = {
  family: 'Gamma',
  examples: [gamma(2.5, 1.5), gamma([0.5, 1, 20], [[2], [0.25]])],
  lighter: [gamma(2.5, 2), gamma([0.5, 1, 20], [[2.5], [0.3125]])],
  ordinary: specs('Gamma', { concentration: param(number(0.25, 8)), rate: param(number(0.25, 4)) }),
  extreme: specs('Gamma', { concentration: param(magnitude(-15, 15)), rate: param(magnitude(-15, 15)) }),
  value: (_, size) => values(fc.oneof(number(0.125, 8), magnitude(-20, 20)), size),
  outside: () => [[-1], [-1e-30]],
  invalid: [
    { spec: gamma([1, 0], 1), message: /^Gamma: parameter concentration .* must be positive, got 0/ },
    { spec: gamma(1, -2), message: /^Gamma: parameter rate .* must be positive, got -2/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};

export const betaCase: Case = {
  family: 'Beta',
  examples: [beta(2, 3), beta([0.5, 1, 20], [[2], [0.75]])],
  lighter: [beta(2.5, 3.5), beta([1, 1.5, 20.5], [[2.5], [1.25]])],
  ordinary: specs('Beta', { concentration1: param(number(0.25, 8)), concentration0: param(number(0.25, 8)) }),
  extreme: specs('Beta', { concentration1: param(magnitude(-15, 15)), concentration0: param(magnitude(-15, 15)) }),
  value: (_, size) => values(fc.oneof(number(0.01, 0.99), magnitude(-20, -2), fc.constant(1 - 2 ** -24)), size),
  outside: () => [[-0.5], [1.5]],
  invalid: [
    { spec: beta([1, 0], 1), message: /^Beta: parameter concentration1 .* must be positive, got 0/ },
    { spec: beta(1, -2), message: /^Beta: parameter concentration0 .* must be positive, got -2/ },
  ],
  undefined: ['covariance'],
  reparameterized: true,
};

const vectors = (element: fc.Arbitrary<number>): fc.Arbitrary<Spec> => {
  const vector = fc.array(element, { minLength: 3, maxLength: 3 });
  return fc.oneof(vector, fc.array(vector, { minLength: 2, maxLength: 2 })).map(dirichlet);
};

export const dirichletCase: Case = {
  family: 'Dirichlet',
  examples: [
    dirichlet([2, 3, 1.5]),
    dirichlet([
      [0.5, 1, 2, 8],
      [4, 4, 4, 4],
    ]),
  ],
  lighter: [
    dirichlet([2.5, 3.5, 2]),
    dirichlet([
      [1, 1.5, 2.5, 8.5],
      [5, 5, 5, 5],
    ]),
  ],
  ordinary: vectors(number(0.25, 8)),
  extreme: vectors(magnitude(-15, 15)),
  value: (_, size) =>
    values(fc.oneof(number(0.125, 8), magnitude(-20, 20)), size).map((weights) => {
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.map((w) => Math.fround(Math.max(1e-20, w / total)));
    }),
  outside: (_, size) => [[1.5, -0.5, ...new Array<number>(size - 2).fill(0)], new Array<number>(size).fill(1)],
  invalid: [
    {
      spec: dirichlet([1, 0, 2]),
      message: /parameter concentration .* must be positive in each element, got \[1, 0, 2\] at \[\]/,
    },
  ],
  undefined: ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'],
  reparameterized: true,
};

export const studentTCase: Case = {
  family: 'StudentT',
  examples: [studentT(5, 0.5, 2), studentT([4.5, 8, 30], -3, [[0.25], [8]])],
  lighter: [studentT(8, 0.5, 1.5), studentT([6, 12, 40], -3, [[0.1875], [6]])],
  ordinary: specs('StudentT', {
    df: param(number(3, 30)),
    loc: param(number(-5, 5)),
    scale: param(number(0.25, 4)),
  }),
  extreme: specs('StudentT', {
    df: param(magnitude(-15, 15)),
    loc: param(anywhere),
    scale: param(magnitude(-15, 15)),
  }),
  value: (_, size) => values(anywhere, size),
  invalid: [
    { spec: studentT([1, 0], 0, 1), message: /^StudentT: parameter df .* must be positive, got 0/ },
    { spec: studentT(1, Number.NaN, 1), message: /^StudentT: parameter loc .* must be real, got NaN/ },
    { spec: studentT(1, 0, -1), message: /^StudentT: parameter scale .* must be positive, got -1/ },
  ],
  undefined: ['covariance', 'klDivergence', 'crossEntropy'],
  reparameterized: true,
};
