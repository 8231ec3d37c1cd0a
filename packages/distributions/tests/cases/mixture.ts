import fc from 'fast-check';
import { anywhere, type Case, magnitude, number, values } from '../case.ts';
import type { Spec } from '../spec.ts';

const spec = (distribution: string, params: Record<string, unknown>): Spec => ({ distribution, params });
const normal = (loc: unknown, scale: unknown) => spec('Normal', { loc, scale });
const sameFamily = (logits: unknown, components: Spec) =>
  spec('MixtureSameFamily', { mixture: spec('Categorical', { logits }), components });
const mixture = (logits: unknown, components: Spec[]) =>
  spec('Mixture', { mixture: spec('Categorical', { logits }), components });

const logit = fc.oneof(number(-30, 30), number(-1e30, 1e30));
/** Far components too have a distance in scales that is a float32. */
const scale = magnitude(-7, 15);
const NOT_DEFINED = ['quantile', 'entropy', 'mode', 'covariance', 'klDivergence', 'crossEntropy'] as const;

const numbersMixed = (loc: fc.Arbitrary<number>, s: fc.Arbitrary<number>, l: fc.Arbitrary<number>) =>
  fc
    .tuple(values(l, 3), fc.array(values(loc, 3), { minLength: 2, maxLength: 2 }), values(s, 3))
    .chain(([logits, locs, scales]) =>
      fc.constantFrom(
        sameFamily(logits, normal(locs[0], scales)),
        sameFamily([logits, [0, 0, 0]], normal(locs, scales)),
        sameFamily(logits, normal(locs, scales)),
        sameFamily([[logits], [[0, 0, 0]]], normal(locs[0], scales)),
      ),
    );

export const mixtureSameFamilyCase: Case = {
  family: 'MixtureSameFamily',
  examples: [
    sameFamily([0.5, -1, 0], normal([-3, 1, 2], [1, 0.5, 2])),
    sameFamily(
      [
        [0, 1],
        [1, -1],
        [0, 0],
      ],
      normal(
        [0, 4],
        [
          [1, 2],
          [0.5, 0.5],
          [3, 1],
        ],
      ),
    ),
  ],
  lighter: [
    sameFamily([0, 0, 0], normal([-3, 1, 2], [0.75, 0.375, 1.5])),
    sameFamily(
      [0, 0],
      normal(
        [0, 4],
        [
          [0.75, 1.5],
          [0.375, 0.375],
          [2.5, 0.75],
        ],
      ),
    ),
  ],
  ordinary: numbersMixed(number(-5, 5), number(0.25, 4), number(-3, 3)),
  extreme: numbersMixed(anywhere, scale, logit),
  value: (_, size) => values(anywhere, size),
  invalid: [
    {
      spec: sameFamily([0, Number.NaN], normal([0, 1], 1)),
      message: /^Categorical: parameter logits .* must be real .*got \[0, NaN\]/,
    },
    {
      spec: sameFamily([0, 0], normal([0, 1], [1, -1])),
      message: /^Normal: parameter scale .* must be positive, got -1/,
    },
  ],
  undefined: NOT_DEFINED,
  reparameterized: false,
};

export const mixtureCase: Case = {
  family: 'Mixture',
  examples: [
    mixture([0.5, -1], [normal(-3, 1), spec('MixtureSameFamily', sameFamily([0, 1], normal([1, 2], [0.5, 2])).params)]),
    mixture(
      [
        [1, 0.5],
        [0, 0],
        [-1, 2],
      ],
      [normal(0, 1), normal([3, 1, 2], [0.5, 1, 2])],
    ),
  ],
  lighter: [
    mixture([0, 0], [normal(-3, 0.75), normal(1.5, 0.5)]),
    mixture([0, 0], [normal(0, 0.75), normal([3, 1, 2], [0.375, 0.75, 1.5])]),
  ],
  ordinary: fc
    .tuple(values(number(-3, 3), 2), values(number(-5, 5), 2), number(0.25, 4))
    .map(([logits, loc, scale]) => mixture(logits, [normal(loc, scale), normal(0, 1)])),
  extreme: fc
    .tuple(values(logit, 2), values(anywhere, 2), scale, scale)
    .map(([logits, loc, a, b]) => mixture(logits, [normal(loc, a), normal(0, b)])),
  value: (_, size) => values(anywhere, size),
  invalid: [
    {
      spec: mixture([0, 0], [normal(0, 1), normal(0, -2)]),
      message: /^Normal: parameter scale .* must be positive, got -2/,
    },
    {
      spec: mixture([Number.NaN, 0], [normal(0, 1), normal(0, 2)]),
      message: /^Categorical: parameter logits .* must be real .*got \[NaN, 0\]/,
    },
  ],
  undefined: NOT_DEFINED,
  reparameterized: false,
};
