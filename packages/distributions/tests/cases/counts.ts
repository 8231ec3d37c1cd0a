import fc from 'fast-check';
import { type Case, magnitude, number, param, specs, values } from '../case.ts';
import type { Spec } from '../spec.ts';

const poisson = (rate: unknown): Spec => ({ distribution: 'Poisson', params: { rate } });
const binomial = (totalCount: unknown, logits: unknown): Spec => ({
  distribution: 'Binomial',
  params: { totalCount, logits },
});

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x as number]);
const upTo = (n: number): number[][] => Array.from({ length: n + 1 }, (_, k) => [k]);
const count = (largest: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: largest });

export const poissonCase: Case = {
  family: 'Poisson',
  examples: [poisson(2.5), poisson([[0.25], [40]])],
  lighter: [poisson(2), poisson([[0.1875], [36]])],
  ordinary: specs('Poisson', { rate: param(number(0.25, 16)) }),
  extreme: specs('Poisson', { rate: param(magnitude(-15, 15)) }),
  value: (_, size) =>
    values(
      fc.oneof(
        count(20),
        magnitude(2, 15).map((x) => Math.round(x)),
      ),
      size,
    ),
  outside: () => [[-1], [0.5]],
  enumerate: ({ params }) => {
    const largest = Math.max(...flat(params.rate));
    return upTo(Math.ceil(largest + 8 * Math.sqrt(largest) + 16));
  },
  invalid: [{ spec: poisson([1, -1]), message: /^Poisson: parameter rate .* must be nonnegative, got -1/ }],
  undefined: ['covariance'],
  reparameterized: false,
};

export const binomialCase: Case = {
  family: 'Binomial',
  examples: [binomial(10, 0.5), binomial([3, 60], [[-1], [2]])],
  lighter: [binomial(10, 0.75), binomial([3, 60], [[-1.25], [2.25]])],
  ordinary: specs('Binomial', { totalCount: param(count(20)), logits: param(number(-3, 3)) }),
  extreme: specs('Binomial', {
    totalCount: param(
      fc.oneof(
        count(20),
        magnitude(2, 15).map((x) => Math.fround(Math.round(x))),
      ),
    ),
    logits: param(number(-1e20, 1e20)),
  }),
  value: ({ params }, size) => values(count(Math.min(1000, ...flat(params.totalCount))), size),
  outside: ({ params }) => [[-1], [0.5], [Math.max(...flat(params.totalCount)) + 1]],
  enumerate: ({ params }) => upTo(Math.max(...flat(params.totalCount))),
  invalid: [
    { spec: binomial([1, 1.5], 0), message: /parameter totalCount .* must be a nonnegative integer, got 1.5/ },
    { spec: binomial(-1, 0), message: /parameter totalCount .* must be a nonnegative integer, got -1/ },
    { spec: binomial(1, Number.NaN), message: /parameter logits .* must be real, got NaN/ },
  ],
  undefined: ['covariance'],
  reparameterized: false,
};
