export { Bernoulli } from './bernoulli.ts';
export { Cauchy } from './cauchy.ts';
export type { Constraint } from './constraint.ts';
export { Deterministic } from './deterministic.ts';
export {
  Distribution,
  type DistributionOptions,
  Independent,
  type SampleAndLogProb,
  type SampleOptions,
  type Shape,
  type Value,
} from './distribution.ts';
export { Exponential } from './exponential.ts';
export { Gumbel } from './gumbel.ts';
export { HalfNormal } from './half-normal.ts';
export { klDivergence } from './kl-divergence.ts';
export { Laplace } from './laplace.ts';
export { LogNormal } from './log-normal.ts';
export { Logistic } from './logistic.ts';
export { MixtureOfLogistics, type MixtureOfLogisticsOptions } from './mixture-of-logistics.ts';
export { Normal } from './normal.ts';
export { standardExponential, standardGumbel, standardLogistic, standardNormal, standardUniform } from './standard.ts';
export { TruncatedLogistic } from './truncated-logistic.ts';
export { TruncatedNormal } from './truncated-normal.ts';
export { Uniform } from './uniform.ts';
