export { Bernoulli } from './bernoulli.ts';
export { Beta } from './beta.ts';
export { Binomial } from './binomial.ts';
export type { Constraint } from './constraint.ts';
export { Dirichlet } from './dirichlet.ts';
export {
  Distribution,
  type DistributionOptions,
  Independent,
  type SampleAndLogProb,
  type SampleOptions,
  type Shape,
  type Value,
} from './distribution.ts';
export { Gamma } from './gamma.ts';
export { klDivergence } from './kl-divergence.ts';
export { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
export { MultivariateNormalTriL } from './multivariate-normal-tril.ts';
export { Normal } from './normal.ts';
export { Poisson } from './poisson.ts';
export { standardLogistic, standardNormal, standardUniform } from './standard.ts';
export { StudentT } from './student-t.ts';
