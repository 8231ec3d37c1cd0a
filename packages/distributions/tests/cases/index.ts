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
import { binomialCase, poissonCase } from './counts.ts';
import { betaCase, dirichletCase, gammaCase, studentTCase } from './gamma.ts';
import { independentCase } from './independent.ts';
import { mixtureCase, mixtureSameFamilyCase } from './mixture.ts';
import { mixtureOfLogisticsCase } from './mixture-of-logistics.ts';
import { multivariateNormalDiagCase, multivariateNormalTriLCase } from './multivariate-normal.ts';
import { normalCase } from './normal.ts';
import { quantizedCase } from './quantized.ts';
import { affineDistributionCase, transformedDistributionCase } from './transformed-distribution.ts';

/** Every family: a test holds this list to what the package exports. */
export const CASES: readonly Case[] = [
  affineDistributionCase,
  bernoulliCase,
  betaCase,
  binomialCase,
  categoricalCase,
  dirichletCase,
  expRelaxedOneHotCategoricalCase,
  gammaCase,
  independentCase,
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
];
