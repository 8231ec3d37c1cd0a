import * as tf from '@tensorflow/tfjs-core';
import { Categorical } from './categorical.ts';
import type { Distribution } from './distribution.ts';
import { type CovarianceKind, cholesky, diagonal, full } from './internal/covariance.ts';
import { kMeans } from './internal/k-means.ts';
import { showShape } from './internal/shape.ts';
import { MixtureSameFamily } from './mixture-same-family.ts';
import { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
import { MultivariateNormalTriL } from './multivariate-normal-tril.ts';
import { freshSeed } from './standard.ts';

/** Of each component: any, or that of independent axes. */
export type CovarianceType = 'full' | 'diagonal';

/** K Gaussians over [D]. */
export interface GaussianMixtureParameters<C extends CovarianceType = CovarianceType> {
  /** [K], which add up to 1. */
  weights: number[];
  /** [K, D]. */
  means: number[][];
  /** Matrices [K, D, D] if full, the variances of the axes [K, D] if diagonal. */
  covariances: C extends 'full' ? number[][][] : number[][];
}

/** What to fit, and how long. */
export interface GaussianMixtureOptions<C extends CovarianceType> {
  /** K. */
  components: number;
  covariance: C;
  /** Where to begin; omitted, from clusters found by k-means++, with the covariance that these have in common. */
  init?: GaussianMixtureParameters<C>;
  /** Of k-means++: same seed, same fit. Omitted, a fresh one. */
  seed?: number;
  /** 100 if omitted. */
  maxIterations?: number;
  /** Converged is what gains no more than this in an iteration, in nats per row of data: 1e-6 if omitted. */
  tolerance?: number;
  /**
   * Least variance in every direction, in the square of the data's unit: it keeps a component from collapsing on one
   * point. Omitted: 1e-6 of the data's own variance, averaged over the axes.
   */
  varianceFloor?: number;
}

export interface GaussianMixtureFit<C extends CovarianceType> extends GaussianMixtureParameters<C> {
  /** Log-likelihood of all the data in nats, before the first iteration and after each: it never falls. */
  logLikelihoods: number[];
  /** Whether the last iteration gained less than the tolerance. */
  converged: boolean;
  iterations: number;
  /** The fit as a distribution over [D], in float32. It has tensors of its own: `distribution.dispose()`. */
  distribution: MixtureSameFamily<[number]>;
}

interface Component {
  weight: number;
  mean: Float64Array;
  covariance: Float64Array;
}

/** Rows [N, D], one after the other. */
interface Rows {
  x: Float64Array;
  n: number;
  d: number;
}

/**
 * Fits a mixture of Gaussians to the rows of `data` [N, D] by expectation maximisation, in float64 on the host: a tensor
 * is read back. It finds a local maximum of the likelihood, which depends on the start. A component that no data
 * belong to keeps its mean and covariance, with a weight of 0.
 *
 * Source: Dempster, Laird & Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm".
 *
 * @throws RangeError if the data or options do not fit or are not finite.
 */
export function fitGaussianMixture<C extends CovarianceType>(
  data: tf.Tensor | readonly (readonly number[])[],
  options: GaussianMixtureOptions<C>,
): GaussianMixtureFit<C> {
  const { components, covariance, init, maxIterations = 100, tolerance = 1e-6 } = options;
  const rows = rowsOf(data);
  check('components', components, Number.isInteger(components) && components >= 1 && components <= rows.n, {
    expected: `an integer from 1 to ${rows.n}, the number of rows`,
  });
  check('covariance', covariance, covariance === 'full' || covariance === 'diagonal', {
    expected: "'full' or 'diagonal'",
  });
  check('maxIterations', maxIterations, Number.isInteger(maxIterations) && maxIterations >= 0, {
    expected: 'an integer from 0',
  });
  check('tolerance', tolerance, tolerance >= 0, { expected: 'a number from 0' });
  const varianceFloor = options.varianceFloor ?? (1e-6 * averageVariance(rows) || 1e-6);
  check('varianceFloor', varianceFloor, varianceFloor > 0 && Number.isFinite(varianceFloor), {
    expected: 'positive and finite',
  });

  const kind = covariance === 'full' ? full : diagonal;
  const start = init
    ? fromParameters(init, kind, rows.d, components)
    : fromClusters(rows, components, kind, options.seed);
  let mixture = start.map((c) => ({ ...c, covariance: kind.atLeast(c.covariance, varianceFloor, rows.d) }));
  let { logLikelihood, responsibilities } = expectation(rows, mixture, kind);
  const logLikelihoods = [logLikelihood];
  let converged = false;
  while (!converged && logLikelihoods.length <= maxIterations) {
    mixture = maximize(rows, mixture, responsibilities, kind, varianceFloor);
    const before = logLikelihood;
    ({ logLikelihood, responsibilities } = expectation(rows, mixture, kind));
    logLikelihoods.push(logLikelihood);
    converged = logLikelihood - before <= tolerance * rows.n;
  }

  const weights = mixture.map(({ weight }) => weight);
  const means = mixture.map(({ mean }) => [...mean]);
  return {
    weights,
    means,
    covariances: mixture.map((c) => nested(c.covariance, kind, rows.d)) as GaussianMixtureFit<C>['covariances'],
    logLikelihoods,
    converged,
    iterations: logLikelihoods.length - 1,
    distribution: new MixtureSameFamily(Categorical.fromProbs(weights), gaussians(mixture, kind, rows.d)),
  };
}

/** E step: for each component its posterior probability of every row; and the log-likelihood, by log-sum-exp. */
function expectation(
  { x, n }: Rows,
  mixture: readonly Component[],
  kind: CovarianceKind,
): { responsibilities: Float64Array[]; logLikelihood: number } {
  const joint = mixture.map(({ weight, mean, covariance }, k) => {
    const out = new Float64Array(n);
    if (!kind.logDensity(x, mean, covariance, out)) {
      throw new RangeError(
        `fitGaussianMixture: the covariance of component ${k} is not positive definite. Raise varianceFloor, or give the ` +
          "axes of the data like units; it may be that init's is not.",
      );
    }
    const logWeight = Math.log(weight);
    return out.map((logDensity) => logWeight + logDensity);
  });
  let logLikelihood = 0;
  for (let i = 0; i < n; i++) {
    let top = Number.NEGATIVE_INFINITY;
    for (const terms of joint) top = Math.max(top, terms[i]!);
    let sum = 0;
    for (const terms of joint) {
      terms[i] = Math.exp(terms[i]! - top);
      sum += terms[i]!;
    }
    for (const terms of joint) terms[i]! /= sum;
    logLikelihood += top + Math.log(sum);
  }
  return { responsibilities: joint, logLikelihood };
}

/** M step: weighted averages. */
function maximize(
  { x, n, d }: Rows,
  mixture: readonly Component[],
  responsibilities: readonly Float64Array[],
  kind: CovarianceKind,
  varianceFloor: number,
): Component[] {
  return mixture.map((component, k) => {
    const shares = responsibilities[k]!;
    const total = shares.reduce((a, b) => a + b, 0);
    const weight = total / n;
    if (total < Number.EPSILON) return { ...component, weight };
    const mean = new Float64Array(d);
    shares.forEach((share, row) => {
      for (let i = 0; i < d; i++) mean[i]! += (share / total) * x[row * d + i]!;
    });
    const covariance = kind.atLeast(kind.estimate(x, shares, total, mean), varianceFloor, d);
    return { weight, mean, covariance };
  });
}

function fromClusters({ x, n, d }: Rows, components: number, kind: CovarianceKind, seed = freshSeed()): Component[] {
  const { labels, centers } = kMeans(x, d, components, seed);
  const residuals = x.map((v, at) => v - centers[labels[Math.floor(at / d)]! * d + (at % d)]!);
  const covariance = kind.estimate(residuals, new Float64Array(n).fill(1), n, new Float64Array(d));
  return Array.from({ length: components }, (_, k) => ({
    weight: labels.reduce((count, label) => count + Number(label === k), 0) / n,
    mean: centers.slice(k * d, (k + 1) * d),
    covariance,
  }));
}

function fromParameters(
  init: GaussianMixtureParameters,
  kind: CovarianceKind,
  d: number,
  components: number,
): Component[] {
  const { weights, means, covariances } = init;
  const flat = (covariances as unknown[]).map((c) => (c as unknown[]).flat() as number[]);
  const sizes = [weights.length, means.length, flat.length];
  const fits = means.every((m) => m.length === d) && flat.every((c) => c.length === kind.size(d));
  if (!fits || sizes.some((size) => size !== components)) {
    throw new RangeError(
      `fitGaussianMixture: init must have weights ${showShape([components])}, means ${showShape([components, d])} and ` +
        `covariances ${showShape([components, d, ...(kind === full ? [d] : [])])}, got ${sizes.join(', ')} components of ` +
        `${means[0]?.length} means and ${flat[0]?.length} numbers of covariance.`,
    );
  }
  const all = [...weights, ...means.flat(), ...flat.flat()];
  const total = weights.reduce((a, b) => a + b, 0);
  check(
    'init',
    `weights ${showShape(weights)}`,
    all.every(Number.isFinite) && weights.every((w) => w >= 0) && total > 0,
    {
      expected: 'finite, with weights from 0, not all 0',
    },
  );
  return weights.map((weight, k) => ({
    weight: weight / total,
    mean: Float64Array.from(means[k]!),
    covariance: Float64Array.from(flat[k]!),
  }));
}

function rowsOf(data: tf.Tensor | readonly (readonly number[])[]): Rows {
  const shape = data instanceof tf.Tensor ? data.shape : [data.length, data[0]?.length ?? 0];
  const ragged = !(data instanceof tf.Tensor) && data.some((row) => row.length !== shape[1]);
  if (shape.length !== 2 || shape[0] === 0 || shape[1] === 0 || ragged) {
    throw new RangeError(
      `fitGaussianMixture: data must have shape [N, D], got ${ragged ? 'rows of different lengths' : showShape(shape)}.`,
    );
  }
  const x = Float64Array.from(data instanceof tf.Tensor ? data.dataSync() : data.flat());
  const wrong = x.findIndex((v) => !Number.isFinite(v));
  if (wrong >= 0) {
    const at = [Math.floor(wrong / shape[1]!), wrong % shape[1]!];
    throw new RangeError(`fitGaussianMixture: data must be finite, got ${x[wrong]} at ${showShape(at)}.`);
  }
  return { x, n: shape[0]!, d: shape[1]! };
}

function averageVariance({ x, n, d }: Rows): number {
  const mean = new Float64Array(d);
  x.forEach((v, at) => {
    mean[at % d]! += v / n;
  });
  return x.reduce((sum, v, at) => sum + (v - mean[at % d]!) ** 2, 0) / x.length;
}

function gaussians(mixture: readonly Component[], kind: CovarianceKind, d: number): Distribution<[number]> {
  const means = mixture.map(({ mean }) => [...mean]);
  if (kind === diagonal) {
    const scales = mixture.map(({ covariance }) => [...covariance].map(Math.sqrt));
    return new MultivariateNormalDiag(means, scales);
  }
  const factors = mixture.map(({ covariance }) => nested(cholesky(covariance, d)!, kind, d) as number[][]);
  return new MultivariateNormalTriL(means, factors);
}

function nested(covariance: Float64Array, kind: CovarianceKind, d: number): number[] | number[][] {
  if (kind === diagonal) return [...covariance];
  return Array.from({ length: d }, (_, i) => [...covariance.subarray(i * d, (i + 1) * d)]);
}

function check(option: string, got: unknown, holds: boolean, { expected }: { expected: string }): void {
  if (holds) return;
  throw new RangeError(`fitGaussianMixture: ${option} must be ${expected}, got ${String(got)}.`);
}
