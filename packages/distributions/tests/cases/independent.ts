import fc from 'fast-check';
import { anywhere, type Case, magnitude, number, values } from '../case.ts';
import type { Spec } from '../spec.ts';

const independent = (loc: unknown, scale: unknown, reinterpretedBatchRank = 1): Spec => ({
  distribution: 'Independent',
  params: { base: { distribution: 'Normal', params: { loc, scale } }, reinterpretedBatchRank },
});

const of = (loc: fc.Arbitrary<number>, scale: fc.Arbitrary<number>): fc.Arbitrary<Spec> => {
  const pair = (x: fc.Arbitrary<number>) => fc.array(x, { minLength: 2, maxLength: 2 });
  return fc
    .tuple(pair(loc), fc.array(pair(scale), { minLength: 3, maxLength: 3 }), fc.constantFrom(0, 1, 2))
    .map(([l, s, rank]) => independent(l, s, rank));
};

export const independentCase: Case = {
  family: 'Independent',
  examples: [independent([0.5, -1], [2, 1]), independent([-3, 10], [[0.25], [1], [8]])],
  lighter: [independent([0.5, -1], [1.5, 0.75]), independent([-3, 10], [[0.1875], [0.75], [6]])],
  ordinary: of(number(-5, 5), number(0.25, 4)),
  extreme: of(anywhere, magnitude(-15, 15)),
  value: (_, size) => values(anywhere, size),
  invalid: [
    { spec: independent([0, 0], [1, -1]), message: /^Normal: parameter scale .* must be positive, got -1 at \[1\]/ },
  ],
  undefined: ['cdf', 'logCdf', 'survival', 'logSurvival', 'quantile'],
  reparameterized: true,
};
