import type { Case } from '../case.ts';
import { bernoulliCase } from './bernoulli.ts';
import {
  categoricalCase,
  expRelaxedOneHotCategoricalCase,
  oneHotCategoricalCase,
  oneHotCategoricalStraightThroughCase,
  relaxedBernoulliCase,
  relaxedOneHotCategoricalCase,
} from './categorical.ts';
import { cauchyCase } from './cauchy.ts';
import { binomialCase, poissonCase } from './counts.ts';
import { deterministicCase } from './deterministic.ts';
import { exponentialCase } from './exponential.ts';
import { betaCase, dirichletCase, gammaCase, studentTCase } from './gamma.ts';
import { gumbelCase } from './gumbel.ts';
import { halfNormalCase } from './half-normal.ts';
import { independentCase } from './independent.ts';
import { laplaceCase } from './laplace.ts';
import { logNormalCase } from './log-normal.ts';
import { logisticCase } from './logistic.ts';
import { mixtureCase, mixtureSameFamilyCase } from './mixture.ts';
import { mixtureOfLogisticsCase } from './mixture-of-logistics.ts';
import { multivariateNormalDiagCase, multivariateNormalTriLCase } from './multivariate-normal.ts';
import { normalCase } from './normal.ts';
import { quantizedCase } from './quantized.ts';
import { affineDistributionCase, transformedDistributionCase } from './transformed-distribution.ts';
import { truncatedLogisticCase } from './truncated-logistic.ts';
import { truncatedNormalCase } from './truncated-normal.ts';
import { uniformCase } from './uniform.ts';

/** Every family: a test holds this list to what the package exports. */
export const CASES: readonly Case[] = [
  affineDistributionCase,
  bernoulliCase,
  betaCase,
  binomialCase,
  categoricalCase,
  cauchyCase,
  deterministicCase,
  dirichletCase,
  expRelaxedOneHotCategoricalCase,
  exponentialCase,
  gammaCase,
  gumbelCase,
  halfNormalCase,
  independentCase,
  laplaceCase,
  logNormalCase,
  logisticCase,
  mixtureCase,
  mixtureOfLogisticsCase,
  mixtureSameFamilyCase,
  multivariateNormalDiagCase,
  multivariateNormalTriLCase,
  normalCase,
  oneHotCategoricalCase,
  oneHotCategoricalStraightThroughCase,
  poissonCase,
  quantizedCase,
  relaxedBernoulliCase,
  relaxedOneHotCategoricalCase,
  studentTCase,
  transformedDistributionCase,
  truncatedLogisticCase,
  truncatedNormalCase,
  uniformCase,
];
