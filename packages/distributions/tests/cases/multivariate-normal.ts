import fc from 'fast-check';
import { anywhere, type Case, magnitude, number, values } from '../case.ts';
import type { Spec } from '../spec.ts';

const diag = (loc: unknown, scaleDiag: unknown): Spec => ({
  distribution: 'MultivariateNormalDiag',
  params: { loc, scaleDiag },
});
const tril = (loc: unknown, scaleTril: unknown): Spec => ({
  distribution: 'MultivariateNormalTriL',
  params: { loc, scaleTril },
});

/** One thing, or a batch of 3 of them, which broadcasts against a batch of [2, 1] too. */
const batch = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<unknown> => {
  const list = fc.array(item, { minLength: 3, maxLength: 3 });
  return fc.oneof(item, list, fc.array(fc.array(item, { minLength: 1, maxLength: 1 }), { minLength: 2, maxLength: 2 }));
};

const pair = (element: fc.Arbitrary<number>) => fc.tuple(element, element);

/** [[a, 0], [c, d]], with c in proportion to the rest: else float32 cannot hold the inverse. */
const lower = (scale: fc.Arbitrary<number>) =>
  fc.tuple(scale, number(0.25, 4), number(-3, 3)).map(([s, ratio, skew]) => [
    [s, 0],
    [Math.fround(s * skew), Math.fround(s * ratio)],
  ]);

const undefinedForVectors = ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'] as const;

export const multivariateNormalDiagCase: Case = {
  family: 'MultivariateNormalDiag',
  examples: [
    diag([0.5, -1], [2, 1]),
    diag(
      [-3, 10, 0],
      [
        [0.25, 1, 8],
        [1, 1, 1],
      ],
    ),
  ],
  lighter: [
    diag([0.5, -1], [1.5, 0.75]),
    diag(
      [-3, 10, 0],
      [
        [0.1875, 0.75, 6],
        [0.75, 0.75, 0.75],
      ],
    ),
  ],
  ordinary: fc.tuple(batch(pair(number(-5, 5))), batch(pair(number(0.25, 4)))).map(([loc, scale]) => diag(loc, scale)),
  extreme: fc.tuple(batch(pair(anywhere)), batch(pair(magnitude(-15, 15)))).map(([loc, scale]) => diag(loc, scale)),
  value: (_, size) => values(anywhere, size),
  invalid: [
    {
      spec: diag([0, 0], [1, 0]),
      message: /parameter scaleDiag .* must be positive in each element, got \[1, 0\] at \[\]/,
    },
    {
      spec: diag([0, Number.NaN], [1, 1]),
      message: /parameter loc .* must be real in each element, got \[0, NaN\] at \[\]/,
    },
  ],
  undefined: undefinedForVectors,
  reparameterized: true,
};

/** With scales from 1e-6: float32 has to hold offset^2 / scale^3, terms of either sign in the gradient by scaleTril. */
const moderate = fc.oneof(
  number(-5, 5),
  fc.tuple(fc.constantFrom(-1, 1), magnitude(-30, 9)).map(([sign, size]) => sign * size),
);

const TRIL = [
  [1.5, 0, 0],
  [-0.5, 0.75, 0],
  [0.25, 1, 2],
];
const TRILS = [
  TRIL,
  [
    [0.5, 0, 0],
    [0.125, 2, 0],
    [-1, 0.5, 0.25],
  ],
];
const lighter = (matrix: number[][]) => matrix.map((row) => row.map((x) => 0.75 * x));

export const multivariateNormalTriLCase: Case = {
  family: 'MultivariateNormalTriL',
  examples: [
    tril([1, -2, 0.5], TRIL),
    tril(
      [
        [0, 1, 2],
        [-1, 0.5, 3],
      ],
      TRILS,
    ),
  ],
  lighter: [
    tril([1, -2, 0.5], lighter(TRIL)),
    tril(
      [
        [0, 1, 2],
        [-1, 0.5, 3],
      ],
      TRILS.map(lighter),
    ),
  ],
  ordinary: fc.tuple(batch(pair(number(-5, 5))), batch(lower(number(0.25, 4)))).map(([loc, scale]) => tril(loc, scale)),
  extreme: fc.tuple(batch(pair(moderate)), batch(lower(magnitude(-6, 6)))).map(([loc, scale]) => tril(loc, scale)),
  value: (_, size) => values(moderate, size),
  invalid: [
    {
      spec: tril(
        [0, 0],
        [
          [1, 0],
          [2, 0],
        ],
      ),
      message: /parameter scaleTril .* must be lower triangular/,
    },
    {
      spec: tril(
        [0, 0],
        [
          [1, 3],
          [2, 1],
        ],
      ),
      message: /parameter scaleTril .* must be lower triangular/,
    },
    {
      spec: tril(
        [Number.NaN, 0],
        [
          [1, 0],
          [2, 1],
        ],
      ),
      message: /parameter loc .* must be real in each element/,
    },
  ],
  undefined: undefinedForVectors,
  reparameterized: true,
};
