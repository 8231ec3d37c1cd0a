export { Bernoulli } from './bernoulli.ts';
export type { Constraint } from './constraint.ts';
export {
  Distribution,
  type DistributionOptions,
  Independent,
  type SampleAndLogProb,
  type SampleOptions,
  type Shape,
  type Value,
} from './distribution.ts';
export { klDivergence } from './kl-divergence.ts';
export { MixtureOfLogistics, type MixtureOfLogisticsOptions } from './mixture-of-logistics.ts';
export { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
export { MultivariateNormalTriL } from './multivariate-normal-tril.ts';
export { Normal } from './normal.ts';
export { Quantized, type QuantizedOptions } from './quantized.ts';
export { standardLogistic, standardNormal, standardUniform } from './standard.ts';
export { TransformedDistribution } from './transformed-distribution.ts';
