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
import { independentCase } from './independent.ts';
import { mixtureCase, mixtureSameFamilyCase } from './mixture.ts';
import { multivariateNormalDiagCase, multivariateNormalTriLCase } from './multivariate-normal.ts';
import { normalCase } from './normal.ts';

/** Every family: a test holds this list to what the package exports. */
export const CASES: readonly Case[] = [
  bernoulliCase,
  categoricalCase,
  expRelaxedOneHotCategoricalCase,
  independentCase,
  mixtureCase,
  mixtureSameFamilyCase,
  normalCase,
  oneHotCategoricalCase,
  oneHotCategoricalStraightThroughCase,
  relaxedBernoulliCase,
  relaxedOneHotCategoricalCase,
  independentCase,
  multivariateNormalDiagCase,
  multivariateNormalTriLCase,
  normalCase,
];
