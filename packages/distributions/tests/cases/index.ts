import type { Case } from '../case.ts';
import { bernoulliCase } from './bernoulli.ts';
import { binomialCase, poissonCase } from './counts.ts';
import { betaCase, dirichletCase, gammaCase, studentTCase } from './gamma.ts';
import { independentCase } from './independent.ts';
import { multivariateNormalDiagCase, multivariateNormalTriLCase } from './multivariate-normal.ts';
import { normalCase } from './normal.ts';

/** Every family: a test holds this list to what the package exports. */
export const CASES: readonly Case[] = [
  bernoulliCase,
  betaCase,
  binomialCase,
  dirichletCase,
  gammaCase,
  independentCase,
  multivariateNormalDiagCase,
  multivariateNormalTriLCase,
  normalCase,
  poissonCase,
  studentTCase,
];
