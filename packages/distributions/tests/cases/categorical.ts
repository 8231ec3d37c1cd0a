import fc from 'fast-check';
import { type Case, magnitude, number, values } from '../case.ts';
import type { Spec } from '../spec.ts';

type Row = number[];

/** Logits of 3 classes, for a batch of shape [], [2] or [3, 1]. */
function logitsOf(element: fc.Arbitrary<number>): fc.Arbitrary<unknown> {
  const row = values(element, 3);
  const list = <T>(item: fc.Arbitrary<T>, length: number) => fc.array(item, { minLength: length, maxLength: length });
  return fc.oneof(row, list(row, 2), list(list(row, 1), 3));
}

const huge = fc.oneof(number(-1e30, 1e30), number(-5, 5), number(-90, 90));
const possible = fc.oneof({ weight: 4, arbitrary: huge }, { weight: 1, arbitrary: fc.constant(-Infinity) });
/** At least the first class is possible. */
const withImpossible = fc.tuple(huge, possible, possible).map(([a, b, c]) => [a, b, c]);

const EXAMPLES: (Row | Row[])[] = [
  [0.5, -1, 1.5],
  [
    [0, -2, 0.5, 1],
    [3, 1, -1, 0],
  ],
];
const OTHERS: (Row | Row[])[] = [
  [0, 0.5, 1],
  [
    [1, -1, 0, 0.5],
    [2, 1.5, 0, -0.5],
  ],
];

const over =
  (distribution: string) =>
  (logits: unknown): Spec => ({ distribution, params: { logits } });
const classesOf = ({ params }: Spec): number => {
  let row = params.logits as unknown[];
  while (Array.isArray(row[0])) row = row[0];
  return row.length;
};
const oneHots = (k: number): number[][] =>
  Array.from({ length: k }, (_, i) => Array.from({ length: k }, (_, j) => Number(i === j)));

function discrete(distribution: string): Omit<Case, 'value' | 'enumerate' | 'undefined' | 'reparameterized'> {
  const spec = over(distribution);
  return {
    family: distribution,
    examples: EXAMPLES.map(spec),
    lighter: OTHERS.map(spec),
    ordinary: logitsOf(number(-3, 3)).map(spec),
    extreme: fc.oneof(logitsOf(huge), withImpossible).map(spec),
    invalid: [
      { spec: spec([0, Number.NaN]), message: /parameter logits of shape \[2\] must be real .*got \[0, NaN\] at \[\]/ },
    ],
  };
}

export const categoricalCase: Case = {
  ...discrete('Categorical'),
  value: (spec) => fc.integer({ min: 0, max: classesOf(spec) - 1 }).map((k) => [k]),
  outside: (spec) => [[-1], [classesOf(spec)], [0.5], [1e30]],
  enumerate: (spec) => Array.from({ length: classesOf(spec) }, (_, k) => [k]),
  undefined: ['quantile', 'covariance'],
  reparameterized: false,
};

const oneHot = (distribution: string): Omit<Case, 'reparameterized'> => ({
  ...discrete(distribution),
  value: (spec) => fc.constantFrom(...oneHots(classesOf(spec))),
  outside: (_, size) => [zeros(size), ones(size), zeros(size).map((_, i) => (i < 2 ? 0.5 : 0))],
  enumerate: (spec) => oneHots(classesOf(spec)),
  undefined: ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'],
});
const zeros = (size: number): number[] => new Array(size).fill(0);
const ones = (size: number): number[] => new Array(size).fill(1);

export const oneHotCategoricalCase: Case = { ...oneHot('OneHotCategorical'), reparameterized: false };
export const oneHotCategoricalStraightThroughCase: Case = {
  ...oneHot('OneHotCategoricalStraightThrough'),
  reparameterized: true,
};

const RELAXED = [
  'cdf',
  'logCdf',
  'survival',
  'logSurvival',
  'quantile',
  'entropy',
  'mean',
  'mode',
  'variance',
] as const;

function relaxed(distribution: string): Omit<Case, 'value'> {
  const spec = (temperature: unknown, logits: unknown): Spec => ({ distribution, params: { temperature, logits } });
  return {
    family: distribution,
    examples: [spec(0.75, EXAMPLES[0]), spec([1.5, 0.5], EXAMPLES[1])],
    lighter: [spec(0.875, EXAMPLES[0]), spec([1.75, 0.5625], EXAMPLES[1])],
    ordinary: fc.tuple(number(0.25, 2), logitsOf(number(-3, 3))).map(([t, l]) => spec(t, l)),
    extreme: fc.tuple(magnitude(-7, 7), logitsOf(huge)).map(([t, l]) => spec(t, l)),
    invalid: [
      { spec: spec(0, [0, 0]), message: /parameter temperature .* must be positive, got 0 at \[\]/ },
      { spec: spec(1, [0, Number.NaN]), message: /parameter logits .* must be real .*got \[0, NaN\]/ },
    ],
    undefined: [...RELAXED, 'stddev', 'covariance', 'klDivergence', 'crossEntropy'],
    reparameterized: true,
  };
}

const softmax = (x: number[]): number[] => {
  const top = Math.max(...x);
  const e = x.map((v) => Math.exp(v - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
};
const edges = (size: number) => values(fc.oneof(number(-5, 5), number(-80, 80)), size);

export const relaxedOneHotCategoricalCase: Case = {
  ...relaxed('RelaxedOneHotCategorical'),
  value: (_, size) => edges(size).map((x) => softmax(x).map((v) => Math.max(Math.fround(v), 2 ** -126))),
  outside: (_, size) => [ones(size), zeros(size), zeros(size).map((_, i) => Number(i === 0))],
};

export const expRelaxedOneHotCategoricalCase: Case = {
  ...relaxed('ExpRelaxedOneHotCategorical'),
  value: (_, size) =>
    fc.tuple(fc.integer({ min: 0, max: size - 1 }), values(magnitude(2, 30), size)).chain(([top, far]) =>
      fc.constantFrom(
        far.map((x, k) => (k === top ? 0 : -x)),
        far.map(() => -Math.log(size)),
      ),
    ),
  outside: (_, size) => [ones(size), zeros(size), ones(size).map((x) => -x * 100)],
};

const relaxedBernoulli = (temperature: unknown, logits: unknown): Spec => ({
  distribution: 'RelaxedBernoulli',
  params: { temperature, logits },
});

export const relaxedBernoulliCase: Case = {
  family: 'RelaxedBernoulli',
  examples: [relaxedBernoulli(0.75, 0.5), relaxedBernoulli([1.5, 0.5], [-1, 1])],
  lighter: [relaxedBernoulli(0.875, 0.5), relaxedBernoulli([1.75, 0.5625], [-1, 1])],
  ordinary: fc.tuple(number(0.25, 2), number(-3, 3)).map(([t, l]) => relaxedBernoulli(t, l)),
  extreme: fc.tuple(magnitude(-7, 7), huge).map(([t, l]) => relaxedBernoulli(t, l)),
  value: (_, size) => values(fc.oneof(number(2 ** -126, 1 - 2 ** -24), magnitude(-37, -1)), size),
  outside: () => [[0], [1], [-0.5], [2], [1e30]],
  invalid: [
    { spec: relaxedBernoulli(-1, 0), message: /parameter temperature .* must be positive, got -1/ },
    { spec: relaxedBernoulli(1, Number.NaN), message: /parameter logits .* must be real, got NaN/ },
  ],
  undefined: ['entropy', 'mean', 'mode', 'variance', 'stddev', 'covariance', 'klDivergence', 'crossEntropy'],
  reparameterized: true,
};
