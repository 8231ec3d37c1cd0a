import fc from 'fast-check';
import { type Case, magnitude, number, param, values } from '../case.ts';
import type { BijectorSpec, Spec } from '../spec.ts';

const bijection = (bijector: string, params: Record<string, unknown> = {}): BijectorSpec => ({ bijector, params });
const normal = (loc: unknown, scale: unknown): Spec => ({ distribution: 'Normal', params: { loc, scale } });
const transformed = (base: Spec, bijector: BijectorSpec): Spec => ({
  distribution: 'TransformedDistribution',
  params: { base, bijector },
});
const affine = (shift: unknown, scale: unknown): BijectorSpec[] => [
  bijection('Shift', { shift }),
  bijection('Scale', { scale }),
];

/** exp(shift + scale X), the scale negative: the order is turned round. */
const falling = (loc: unknown, scale: unknown, shift: unknown = 0.5): Spec =>
  transformed(normal(loc, scale), bijection('Chain', { bijectors: [bijection('Exp'), ...affine(shift, -0.75)] }));
const squashed = (name: string, loc: unknown, scale: unknown): Spec => transformed(normal(loc, scale), bijection(name));

const bijectorOf = ({ params }: Spec) => (params.bijector as BijectorSpec).bijector;
/** Where float32 still tells values from the ends of what is reached. */
const reached = (name: string) =>
  ({
    Sigmoid: fc.oneof(number(1e-3, 0.999), magnitude(-30, -1)),
    Tanh: number(-0.999, 0.999),
    Softplus: fc.oneof(number(0.1, 50), magnitude(-30, 30)),
    Chain: magnitude(-30, 30),
  })[name]!;
const beyond = (name: string) =>
  ({ Sigmoid: [-1, 0, 1, 2], Tanh: [-1, 1, 3], Softplus: [0, -2], Chain: [0, -1] })[name]!;
const squash = fc.constantFrom('Sigmoid', 'Tanh', 'Softplus');

/** Maps of numbers that are not affine. */
export const transformedDistributionCase: Case = {
  family: 'TransformedDistribution',
  examples: [
    squashed('Sigmoid', 0.5, 0.75),
    squashed('Softplus', [-1, 0.5, 2], 1),
    falling([[-0.5], [0.5]], [0.25, 0.5, 1], [0.5, 0, -1]),
  ],
  lighter: [
    squashed('Sigmoid', 0.5, 0.625),
    squashed('Softplus', [-1, 0.5, 2], 0.75),
    falling([[-0.5], [0.5]], [0.1875, 0.375, 0.75], [0.5, 0, -1]),
  ],
  ordinary: fc.oneof(
    fc
      .tuple(squash, param(number(-1, 1)), param(number(0.25, 1)))
      .map(([name, loc, scale]) => squashed(name, loc, scale)),
    fc
      .tuple(param(number(-1, 1)), param(number(0.25, 1)), number(-1, 1))
      .map(([loc, scale, shift]) => falling(loc, scale, shift)),
  ),
  extreme: fc.oneof(
    fc.tuple(number(-60, -10), magnitude(-15, 0)).map(([loc, scale]) => squashed('Sigmoid', loc, scale)),
    fc.tuple(number(-3, 3), magnitude(-15, -1)).map(([loc, scale]) => squashed('Tanh', loc, scale)),
    fc.tuple(number(-60, 1e6), magnitude(-15, 0)).map(([loc, scale]) => squashed('Softplus', loc, scale)),
    fc
      .tuple(number(-60, 60), magnitude(-15, 0), number(-10, 10))
      .map(([loc, scale, shift]) => falling(loc, scale, shift)),
  ),
  value: (spec, size) => values(reached(bijectorOf(spec)), size),
  outside: (spec, size) => beyond(bijectorOf(spec)).map((x) => new Array<number>(size).fill(x)),
  invalid: [
    { spec: squashed('Exp', 0, [1, -1]), message: /^Normal: parameter scale .* must be positive, got -1 at \[1\]/ },
    {
      spec: transformed(normal(0, 1), bijection('Scale', { scale: [1, 0] })),
      message: /^Scale: parameter scale of shape \[2\] must be nonzero, got 0 at \[1\]/,
    },
  ],
  undefined: ['entropy', 'mean', 'mode', 'variance', 'stddev', 'covariance', 'crossEntropy'],
  reparameterized: true,
};

const TRIL = [
  [1.5, 0],
  [-0.5, 0.75],
];
/** L (X reflected) + shift, of vectors of 2. */
const rotated = (loc: unknown, scaleDiag: unknown, shift: unknown, scaleTril: unknown = TRIL): Spec =>
  transformed(
    { distribution: 'MultivariateNormalDiag', params: { loc, scaleDiag } },
    bijection('Chain', {
      bijectors: [
        bijection('Shift', { shift }),
        bijection('ScaleTriL', { scaleTril }),
        bijection('Permute', { permutation: [1, 0] }),
        bijection('Householder', { v: [1, -2] }),
        bijection('Invert', { bijector: bijection('Scale', { scale: [-0.5, 1] }) }),
      ],
    }),
  );
const pair = (x: fc.Arbitrary<number>) => fc.array(x, { minLength: 2, maxLength: 2 });

/** Affine maps of vectors. */
export const affineDistributionCase: Case = {
  family: 'TransformedDistribution',
  examples: [
    rotated([0.5, -1], [2, 1], [1, 2]),
    rotated(
      [
        [0.5, -1],
        [0, 2],
      ],
      [2, 1],
      [[[1, 2]], [[0, -1]], [[3, 1]]],
      [
        TRIL,
        [
          [1, 0],
          [0.5, 1.25],
        ],
      ],
    ),
  ],
  lighter: [
    rotated([0.5, -1], [1.5, 0.75], [1, 2]),
    rotated(
      [
        [0.5, -1],
        [0, 2],
      ],
      [1.5, 0.75],
      [[[1, 2]], [[0, -1]], [[3, 1]]],
      [
        TRIL,
        [
          [1, 0],
          [0.5, 1.25],
        ],
      ],
    ),
  ],
  ordinary: fc
    .tuple(pair(number(-2, 2)), pair(number(0.25, 4)), fc.array(pair(number(-2, 2)), { minLength: 3, maxLength: 3 }))
    .map(([loc, scale, shift]) => rotated(loc, scale, shift)),
  // Of one size: the map mixes the elements, and float32 has seven digits.
  extreme: fc
    .tuple(magnitude(-6, 6), pair(number(-50, 50)), pair(number(0.25, 4)), pair(number(-50, 50)))
    .map(([size, loc, scale, shift]) => {
      const scaled = (x: number[]) => x.map((v) => Math.fround(size * v));
      return rotated(scaled(loc), scaled(scale), scaled(shift));
    }),
  value: (_, size) => values(number(-1e6, 1e6), size),
  invalid: [
    {
      spec: rotated(
        [0, 0],
        [1, 1],
        [0, 0],
        [
          [1, 0],
          [0, -1],
        ],
      ),
      message: /^ScaleTriL: parameter scaleTril .* must be lower triangular with a positive diagonal/,
    },
  ],
  undefined: ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'],
  reparameterized: true,
};
