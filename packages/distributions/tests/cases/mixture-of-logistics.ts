import fc from 'fast-check';
import { anywhere, type Case, magnitude, number } from '../case.ts';
import type { Spec } from '../spec.ts';

/** logits [..., H, W, K], loc and scale [..., H, W, K, 1]: one channel, for which every method is defined. */
const mixture = (logits: unknown, loc: unknown, scale: unknown, low = 0, high = 3): Spec => ({
  distribution: 'MixtureOfLogistics',
  params: { logits, loc, scale, low, high },
});

/** Of one image of two pixels, two components each. */
const of = (
  logit: fc.Arbitrary<number>,
  loc: fc.Arbitrary<number>,
  scale: fc.Arbitrary<number>,
): fc.Arbitrary<Spec> => {
  const four = <T>(x: fc.Arbitrary<T>) => fc.tuple(x, x, x, x);
  return fc
    .tuple(four(logit), four(loc), four(scale))
    .map(([l, m, s]) => mixture([[l.slice(0, 2)], [l.slice(2)]], pixels(m), pixels(s)));
};

const pixels = ([a, b, c, d]: number[]) => [[[[a], [b]]], [[[c], [d]]]];

const range = ({ params }: Spec): number[] => {
  const [low, high] = [params.low as number, params.high as number];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
};

const example = mixture([[[0.5, -1]], [[0, 0]]], pixels([-0.5, 0.75, 0.25, 1.5]), pixels([0.25, 0.5, 0.125, 1]));
const batch = (scale: number) =>
  mixture(
    [[[[0, 1, -1]]], [[[2, 0, 0]]]],
    [[[[[-1], [0], [1]]]], [[[[-0.25], [0.5], [3]]]]],
    [[[[[scale], [0.5], [scale]]]]],
    -1,
    4,
  );

export const mixtureOfLogisticsCase: Case = {
  family: 'MixtureOfLogistics',
  examples: [example, batch(0.25)],
  lighter: [
    mixture([[[0.5, -1]], [[0, 0]]], pixels([-0.5, 0.75, 0.25, 1.25]), pixels([0.1875, 0.5, 0.125, 0.75])),
    batch(0.1875),
  ],
  ordinary: of(number(-3, 3), number(-1.5, 1.5), number(0.25, 2)),
  extreme: of(number(-1e30, 1e30), anywhere, magnitude(-15, 15)),
  value: (spec, size) => fc.array(fc.constantFrom(...range(spec)), { minLength: size, maxLength: size }),
  outside: ({ params }, size) => [-1, 1e30].map((by) => Array(size).fill(by < 0 ? (params.low as number) + by : by)),
  enumerate: (spec) =>
    spec === example ? range(spec).flatMap((a) => range(spec).map((b) => [a, b])) : range(spec).map((a) => [a]),
  invalid: [
    {
      spec: mixture([[[0]]], [[[[0]]]], [[[[-1]]]]),
      message: /^MixtureOfLogistics: parameter scale .* must be positive in each element, got/,
    },
    {
      spec: mixture([[[Number.NaN]]], [[[[0]]]], [[[[1]]]]),
      message: /^MixtureOfLogistics: parameter logits .* must be real in each element, got/,
    },
  ],
  undefined: ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile', 'covariance'],
  reparameterized: false,
};
