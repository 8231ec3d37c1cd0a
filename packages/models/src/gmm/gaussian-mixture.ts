import {
  Categorical,
  type Distribution,
  MixtureSameFamily,
  MultivariateNormalDiag,
  MultivariateNormalTriL,
} from '@proj/distributions';
import {
  fitGaussianMixture,
  type GaussianMixtureOptions,
  type GaussianMixtureParameters,
} from '@proj/distributions/em';
import * as tf from '@tensorflow/tfjs-core';
import { checkOneOf, checkPositiveInteger, checkRows, checkSeed } from '../internal/check.ts';
import { countWeights, type LayerSummary } from '../internal/weights.ts';

export interface GaussianMixtureConfig {
  /** K. */
  components?: number;
  /** Of each component: 'diag' has independent axes, 'full' any covariance. */
  covariance?: 'diag' | 'full';
  /** D, numbers a point. */
  dimensions?: number;
  /** Of k-means++. */
  seed?: number;
}

/** What `fit` did. */
export interface GaussianMixtureHistory {
  /** Mean log-likelihood of a point in nats, at the start and after each iteration: to rounding, it never falls. */
  logLikelihoods: number[];
  /** Whether the last iteration gained no more than the tolerance. */
  converged: boolean;
}

/** Points [N, D]. */
export type Points = tf.Tensor2D | readonly (readonly number[])[];

/**
 * Mixture of K Gaussians over [D], learned by expectation maximisation instead of gradients.
 *
 *   p(z) = Categorical(weights)     z, the component     [K]
 *   p(x | z) = Normal(means[z], covariances[z])          [K, D]; covariances [K, D] ('diag') or [K, D, D]
 * In the E step the posterior of z is exact, so the bound that the M step raises is the log-likelihood itself.
 *
 * An iteration is made in float64 and kept in float32, as weights of other models are: so one that goes on from a checkpoint equals one
 * that was never interrupted. Variances have a floor of 1e-6 of the data's, see `fitGaussianMixture`.
 * Source: Dempster, Laird & Rubin 1977; k-means++: Arthur & Vassilvitskii 2007.
 */
export class GaussianMixture {
  readonly config: Readonly<Required<GaussianMixtureConfig>>;
  /**
   * `weights` [K], `means` [K, D] and `scales`: standard deviations [K, D], or the Cholesky factors of full covariances [K, D, D].
   * Before `start` all components are the same standard normal, and steps leave them alike.
   */
  readonly weights: Readonly<Record<'weights' | 'means' | 'scales', tf.Variable>>;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor({ components = 2, covariance = 'diag', dimensions = 2, seed = 0 }: GaussianMixtureConfig = {}) {
    checkPositiveInteger('GaussianMixture', 'components', components);
    checkOneOf('GaussianMixture', 'covariance', covariance, ['diag', 'full']);
    checkPositiveInteger('GaussianMixture', 'dimensions', dimensions);
    checkSeed('GaussianMixture', seed);
    this.config = { components, covariance, dimensions, seed };
    const one = covariance === 'full' ? tf.eye(dimensions) : tf.ones([dimensions]);
    this.weights = tf.tidy(() => ({
      weights: tf.variable(tf.fill([components], 1 / components)),
      means: tf.variable(tf.zeros([components, dimensions])),
      scales: tf.variable(tf.tile(tf.expandDims(one, 0), [components, ...one.shape.map(() => 1)])),
    }));
    one.dispose();
  }

  /** A mixture with these parameters, as another's `parameters` gave them. @throws RangeError if they do not fit together. */
  static fromParameters(parameters: GaussianMixtureParameters): GaussianMixture {
    const { means, covariances } = parameters;
    const covariance = Array.isArray(covariances[0]?.[0]) ? 'full' : 'diag';
    const mixture = new GaussianMixture({ components: means.length, covariance, dimensions: means[0]?.length ?? 0 });
    try {
      mixture.iterate(means, { maxIterations: 0, init: parameters, varianceFloor: Number.MIN_VALUE }); // any points will do
    } catch (error) {
      mixture.dispose();
      throw error;
    }
    return mixture;
  }

  /** Plain numbers, ready for JSON. They are read from the device at once. */
  get parameters(): GaussianMixtureParameters {
    const { weights, means, scales } = this.weights;
    const covariances =
      this.config.covariance === 'full'
        ? (scales.arraySync() as number[][][]).map(timesTransposed)
        : (scales.arraySync() as number[][]).map((row) => row.map((scale) => scale ** 2));
    return {
      weights: weights.arraySync() as number[],
      means: means.arraySync() as number[][],
      covariances,
    } as GaussianMixtureParameters;
  }

  /** Places the components on clusters found by k-means++. Gives the mean log-likelihood of a point there, in nats. */
  start(points: Points): number {
    return this.iterate(points, { maxIterations: 0 });
  }

  /** One iteration of expectation maximisation. Gives the mean log-likelihood of a point after it, in nats. */
  step(points: Points): number {
    return this.iterate(points, { maxIterations: 1, init: this.parameters });
  }

  /**
   * `start`, and steps until one gains no more than `tolerance` nats a point, or `maxIterations` are made.
   *
   * @throws RangeError if points or options do not fit.
   */
  fit(points: Points, { maxIterations = 100, tolerance = 1e-6 } = {}): GaussianMixtureHistory {
    if (!(Number.isSafeInteger(maxIterations) && maxIterations >= 0)) {
      throw new RangeError(`GaussianMixture.fit: maxIterations must be an integer from 0, got ${maxIterations}.`);
    }
    if (!(tolerance >= 0)) {
      throw new RangeError(`GaussianMixture.fit: tolerance must be a number from 0, got ${tolerance}.`);
    }
    const logLikelihoods = [this.start(points)];
    let converged = false;
    while (!converged && logLikelihoods.length <= maxIterations) {
      const before = logLikelihoods.at(-1)!;
      const now = this.step(points);
      logLikelihoods.push(now);
      converged = now - before <= tolerance;
    }
    return { logLikelihoods, converged };
  }

  /** log p(x) of each point, [N], in nats. */
  logLikelihood(points: Points): tf.Tensor1D {
    return tf.tidy(() => tf.logSumExp(this.logJoint(points), -1));
  }

  /** Posterior probabilities of the components, [N, K]. */
  responsibilities(points: Points): tf.Tensor2D {
    return tf.tidy(() => tf.softmax(this.logJoint(points)));
  }

  /** The likeliest component of each point, [N], int32. */
  predict(points: Points): tf.Tensor1D {
    return tf.tidy(() => tf.argMax(this.logJoint(points), -1));
  }

  /** Draws, [count, D]. Temperature multiplies standard deviations: 0 is the mean of a component that is drawn by its weight. */
  sample(count: number, seed: number, { temperature = 1 }: { temperature?: number } = {}): tf.Tensor2D {
    checkPositiveInteger('GaussianMixture.sample', 'count', count);
    checkSeed('GaussianMixture.sample', seed);
    if (!(temperature >= 0 && temperature < Infinity)) {
      throw new RangeError(
        `GaussianMixture.sample: temperature must be 0 or more, got ${temperature}. Omit it to use 1.`,
      );
    }
    return tf.tidy(() => this.distribution(temperature).sample({ sampleShape: [count], seed }) as tf.Tensor2D);
  }

  /** p(x), over [D], its standard deviations times `temperature`. Its parameters are made here: use it inside `tf.tidy`. */
  distribution(temperature = 1): MixtureSameFamily<[number]> {
    return new MixtureSameFamily(Categorical.fromProbs(this.weights.weights), this.gaussians(temperature));
  }

  /** Numbers stored; a full covariance has each of its pairs twice. */
  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a kind of parameter; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    return Object.entries(this.weights).map(([name, { shape, size }]) => ({
      name,
      type: 'GaussianMixture',
      outputShape: [...shape],
      params: size,
    }));
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  /** Takes over what so many iterations make of `init`, or of clusters. Gives the mean log-likelihood of a point after them. */
  private iterate(
    points: Points,
    options: Pick<GaussianMixtureOptions<Kind>, 'maxIterations' | 'init' | 'varianceFloor'>,
  ): number {
    const { components, covariance, dimensions, seed } = this.config;
    const [count, width] = points instanceof tf.Tensor ? points.shape : [points.length, points[0]?.length];
    if (width !== dimensions) {
      throw new RangeError(
        `GaussianMixture: points must be [N, ${dimensions}], got rows of ${width}. Set dimensions to the numbers of a point.`,
      );
    }
    const kind: Kind = covariance === 'full' ? 'full' : 'diagonal';
    const { weights, means, logLikelihoods, distribution } = fitGaussianMixture(points, {
      ...{ components, covariance: kind, seed },
      ...options,
    });
    const { scaleDiag, scaleTril } = distribution.components.parameters;
    tf.tidy(() => {
      this.weights.weights.assign(tf.tensor1d(weights));
      this.weights.means.assign(tf.tensor2d(means));
      this.weights.scales.assign((scaleTril ?? scaleDiag)!);
    });
    distribution.dispose();
    return logLikelihoods.at(-1)! / count;
  }

  /** log p(z) + log p(x | z), [N, K]. */
  private logJoint(points: Points): tf.Tensor2D {
    const { dimensions } = this.config;
    const x = points instanceof tf.Tensor ? points : tf.tensor2d(points as number[][]);
    const rows = checkRows('GaussianMixture', 'points', x, dimensions, 'A row is one point.');
    const each = this.gaussians().logProb(tf.expandDims(rows, 1)); // [N, K]
    return tf.add(each, tf.log(this.weights.weights));
  }

  private gaussians(temperature = 1): Distribution<[number]> {
    const { means } = this.weights;
    const scales = tf.mul(this.weights.scales, temperature);
    return this.config.covariance === 'full'
      ? new MultivariateNormalTriL(means, scales)
      : new MultivariateNormalDiag(means, scales);
  }
}

type Kind = 'full' | 'diagonal';

/** L L' in float64. */
const timesTransposed = (lower: number[][]): number[][] =>
  lower.map((row) => lower.map((other) => row.reduce((sum, v, k) => sum + v * other[k]!, 0)));
