export { Bernoulli } from './bernoulli.ts';
export { Beta } from './beta.ts';
export { Binomial } from './binomial.ts';
export { Categorical } from './categorical.ts';
export { Cauchy } from './cauchy.ts';
export type { Constraint } from './constraint.ts';
export { Deterministic } from './deterministic.ts';
export { Dirichlet } from './dirichlet.ts';
export {
  type ChangeBatch,
  Distribution,
  type DistributionOptions,
  Independent,
  type ParameterSpec,
  type SampleAndLogProb,
  type SampleOptions,
  type Shape,
  type Value,
} from './distribution.ts';
export { elbo, iwae, monteCarloKl, type SamplingOptions, scoreFunction } from './estimators.ts';
export { ExpRelaxedOneHotCategorical } from './exp-relaxed-one-hot-categorical.ts';
export { Exponential } from './exponential.ts';
export { Gamma } from './gamma.ts';
export { Gumbel } from './gumbel.ts';
export { HalfNormal } from './half-normal.ts';
export { klDivergence } from './kl-divergence.ts';
export { Laplace } from './laplace.ts';
export { LogNormal } from './log-normal.ts';
export { Logistic } from './logistic.ts';
export { Mixture } from './mixture.ts';
export { MixtureOfLogistics, type MixtureOfLogisticsOptions } from './mixture-of-logistics.ts';
export { MixtureSameFamily } from './mixture-same-family.ts';
export { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
export { MultivariateNormalTriL } from './multivariate-normal-tril.ts';
export { Normal } from './normal.ts';
export { OneHotCategorical } from './one-hot-categorical.ts';
export { OneHotCategoricalStraightThrough } from './one-hot-categorical-straight-through.ts';
export { Poisson } from './poisson.ts';
export { Quantized, type QuantizedOptions } from './quantized.ts';
export { RelaxedBernoulli } from './relaxed-bernoulli.ts';
export { RelaxedOneHotCategorical } from './relaxed-one-hot-categorical.ts';
export { standardExponential, standardGumbel, standardLogistic, standardNormal, standardUniform } from './standard.ts';
export { straightThrough } from './straight-through.ts';
export { StudentT } from './student-t.ts';
export { TransformedDistribution } from './transformed-distribution.ts';
export { TruncatedLogistic } from './truncated-logistic.ts';
export { TruncatedNormal } from './truncated-normal.ts';
export { Uniform } from './uniform.ts';
