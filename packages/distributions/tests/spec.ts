import * as tf from '@tensorflow/tfjs-core';
import type { Bijector } from '../src/bijectors.ts';
import * as bijectors from '../src/bijectors.ts';
import type { Distribution, DistributionOptions, Value } from '../src/index.ts';
import * as families from '../src/index.ts';

/** A distribution as plain numbers: what the golden values and the cases are written in. */
export interface Spec {
  distribution: string;
  params: Record<string, unknown>;
}

/** The constructors' parameters in their order; combinators stand in `COMBINED`. */
const PARAMETERS: Record<string, readonly string[]> = {
  Normal: ['loc', 'scale'],
  LogNormal: ['loc', 'scale'],
  HalfNormal: ['scale'],
  MultivariateNormalDiag: ['loc', 'scaleDiag'],
  MultivariateNormalTriL: ['loc', 'scaleTril'],
  Laplace: ['loc', 'scale'],
  Logistic: ['loc', 'scale'],
  Gumbel: ['loc', 'scale'],
  Uniform: ['low', 'high'],
  Exponential: ['rate'],
  Cauchy: ['loc', 'scale'],
  StudentT: ['df', 'loc', 'scale'],
  Gamma: ['concentration', 'rate'],
  Beta: ['concentration1', 'concentration0'],
  Dirichlet: ['concentration'],
  Poisson: ['rate'],
  Bernoulli: ['logits'],
  Binomial: ['totalCount', 'logits'],
  Categorical: ['logits'],
  OneHotCategorical: ['logits'],
  OneHotCategoricalStraightThrough: ['logits'],
  RelaxedOneHotCategorical: ['temperature', 'logits'],
  ExpRelaxedOneHotCategorical: ['temperature', 'logits'],
  RelaxedBernoulli: ['temperature', 'logits'],
  Deterministic: ['loc'],
  TruncatedNormal: ['loc', 'scale', 'low', 'high'],
  TruncatedLogistic: ['loc', 'scale', 'low', 'high'],
};

// biome-ignore lint/suspicious/noExplicitAny: plain data, whose form the constructors check
type Params = Record<string, any>;

const COMBINED: Record<string, (p: Params, o: DistributionOptions) => Distribution> = {
  Independent: (p, o) => new (family('Independent'))(build(p.base, o), p.reinterpretedBatchRank),
  MixtureSameFamily: (p, o) => new (family('MixtureSameFamily'))(build(p.mixture, o), build(p.components, o)),
  Mixture: (p, o) =>
    new (family('Mixture'))(
      build(p.mixture, o),
      p.components.map((c: Spec) => build(c, o)),
    ),
  Quantized: (p, o) => new (family('Quantized'))(build(p.base, o), { low: p.low, high: p.high }),
  TransformedDistribution: (p, o) =>
    new (family('TransformedDistribution'))(build(p.base, o), buildBijector(p.bijector, o)),
  MixtureOfLogistics: ({ logits, loc, scale, coefficients, low, high }, o) =>
    new (family('MixtureOfLogistics'))(tensorOf(logits), tensorOf(loc), tensorOf(scale), {
      ...(coefficients === undefined ? {} : { coefficients: tensorOf(coefficients) }),
      low,
      high,
      ...o,
    }),
};

/** The distribution that `spec` describes. Its tensors are the caller's: use a tidy. */
export function build({ distribution, params }: Spec, options: DistributionOptions = {}): Distribution {
  const combine = COMBINED[distribution];
  if (combine !== undefined) return combine(params, options);
  const names = PARAMETERS[distribution];
  if (names === undefined) throw new Error(`no such family: ${distribution}`);
  if (params.probs !== undefined) {
    const { fromProbs } = family(distribution) as unknown as { fromProbs: (...args: unknown[]) => Distribution };
    const rest = names.slice(0, -1).map((name) => tensorOf(params[name] as Value));
    return fromProbs(...rest, tensorOf(params.probs as Value), options);
  }
  return new (family(distribution))(...names.map((name) => tensorOf(params[name] as Value)), options);
}

/** What `build` is for bijectors: { bijector: name, params }. */
export interface BijectorSpec {
  bijector: string;
  params: Record<string, unknown>;
}

export function buildBijector({ bijector, params }: BijectorSpec, options: DistributionOptions = {}): Bijector {
  const inner = (spec: unknown) => buildBijector(spec as BijectorSpec, options);
  if (bijector === 'Chain') return new bijectors.Chain((params.bijectors as unknown[]).map(inner));
  if (bijector === 'Invert') return new bijectors.Invert(inner(params.bijector));
  if (bijector === 'Permute') return new bijectors.Permute(params.permutation as number[]);
  const Found = (bijectors as Record<string, unknown>)[bijector] as (new (...args: unknown[]) => Bijector) | undefined;
  if (Found === undefined) throw new Error(`@proj/distributions/bijectors exports no ${bijector}`);
  return new Found(...Object.values(params).map((p) => tensorOf(p as Value)), options);
}

type Constructor = new (...args: unknown[]) => Distribution;

const family = (name: string): Constructor => {
  const found = (families as Record<string, unknown>)[name];
  if (found === undefined) throw new Error(`@proj/distributions exports no ${name}`);
  return found as Constructor;
};

export const tensorOf = (value: Value): tf.Tensor =>
  value instanceof tf.Tensor ? value : tf.tensor(value as tf.TensorLike, undefined, 'float32');

/** Every family and combinator that can be built. */
export const FAMILIES: readonly string[] = [...Object.keys(PARAMETERS), ...Object.keys(COMBINED)];
