import { diagonalNormals, independents, normals, oneHots, transformed } from './combined.ts';
import type { KlFormula } from './formula.ts';
import {
  bernoulliToPoisson,
  betaToUniform,
  fromDeterministic,
  infinite,
  normalToLaplace,
  toExponential,
  toGamma,
  toGumbel,
  toNormal,
  uniformToBeta,
} from './moments.ts';

const REAL_LINE = ['Cauchy', 'Gumbel', 'Laplace', 'Logistic', 'Normal', 'StudentT'];
const HALF_LINE = ['Exponential', 'Gamma', 'HalfNormal', 'LogNormal'];
const BOUNDED = ['Beta', 'Uniform'];

/** The key of a pair. */
export const pairOf = (pName: string, qName: string): string => `${pName} || ${qName}`;

/** Pairs of each p with each q. */
const pairs = (ps: readonly string[], qs: readonly string[], formula: KlFormula): [string, KlFormula][] =>
  ps.flatMap((p) => qs.map((q): [string, KlFormula] => [pairOf(p, q), formula]));

/** The formulas by `pair` of names. */
export const klTable = (): Map<string, KlFormula> =>
  new Map<string, KlFormula>([
    ...pairs(
      ['Beta', 'Exponential', 'Gamma', 'Gumbel', 'HalfNormal', 'Laplace', 'Logistic', 'LogNormal', 'Uniform'],
      ['Normal'],
      toNormal,
    ),
    ...pairs(['Beta', 'Gamma', 'HalfNormal', 'LogNormal', 'Uniform'], ['Exponential'], toExponential),
    ...pairs(['Beta', 'Exponential', 'HalfNormal', 'LogNormal', 'Uniform'], ['Gamma'], toGamma),
    ...pairs(['Exponential', 'Gamma', 'Normal', 'Uniform'], ['Gumbel'], toGumbel),
    ...pairs(['Normal'], ['Laplace'], normalToLaplace),
    ...pairs(['Uniform'], ['Beta'], uniformToBeta),
    ...pairs(['Beta'], ['Uniform'], betaToUniform),
    ...pairs(['Bernoulli'], ['Poisson'], bernoulliToPoisson),
    ...pairs(['Deterministic'], ['Bernoulli', 'Binomial', 'Categorical', 'Poisson'], fromDeterministic),
    ...pairs(REAL_LINE, [...HALF_LINE, ...BOUNDED], infinite),
    ...pairs(HALF_LINE, BOUNDED, infinite),
    ...pairs(['Poisson'], ['Bernoulli', 'Binomial'], infinite),
    ...pairs(['MultivariateNormalDiag', 'Independent'], ['MultivariateNormalTriL'], normals),
    ...pairs(['MultivariateNormalTriL'], ['MultivariateNormalDiag', 'Independent'], normals),
    ...pairs(['MultivariateNormalDiag'], ['Independent'], diagonalNormals),
    ...pairs(['Independent'], ['MultivariateNormalDiag'], diagonalNormals),
    ...pairs(['OneHotCategorical'], ['OneHotCategoricalStraightThrough'], oneHots),
    ...pairs(['OneHotCategoricalStraightThrough'], ['OneHotCategorical'], oneHots),
    ...pairs(['Independent'], ['Independent'], independents),
    ...pairs(['TransformedDistribution'], ['TransformedDistribution'], transformed),
  ]);
