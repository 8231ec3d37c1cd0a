import {
  Independent,
  OneHotCategorical,
  RelaxedOneHotCategorical,
  scoreFunction,
  straightThrough,
} from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkImageShape,
  checkOneOf,
  checkPositiveInteger,
  checkRows,
  checkSeed,
  type ImageShape,
} from '../internal/check.ts';
import { importanceBound } from '../internal/importance-bound.ts';
import { startOutputs } from '../internal/mean-image.ts';
import { countWeights, createWeights, describeLayers, type LayerSpec, type LayerSummary } from '../internal/weights.ts';
import { type Likelihood, likelihoodOf } from '../vae/likelihood.ts';
import type { ElboTerms } from '../vae/vae.ts';
import { allCodes } from './codes.ts';
import { networkSpecs, networks } from './networks.ts';

/** How the gradient of E log p(x | z) passes the discrete z on its way to the encoder. */
export type GradientEstimator = 'relaxed' | 'straight-through' | 'score-function' | 'exact';

export interface CategoricalVaeConfig {
  /** N, categorical latent variables. */
  variables?: number;
  /** K, classes of each. */
  classes?: number;
  /** Units of the encoder's hidden layers; the decoder has them in reverse. */
  hidden?: readonly number[];
  likelihood?: 'bernoulli' | 'gaussian';
  /** Of `loss`, unless a call names another. */
  estimator?: GradientEstimator;
  imageShape?: ImageShape;
  /** Of the first weights. */
  seed?: number;
}

export interface CategoricalLossOptions {
  /** Of the relaxed samples, above 0: 1 if omitted. `annealedTemperature(step)` is that of the paper's code. */
  temperature?: number;
  estimator?: GradientEstimator;
  /** Latent draws an image: 1, and 2 for 'score-function', whose baseline for a draw is the mean reward of the others. */
  samples?: number;
}

/**
 * Variational auto-encoder for flattened images whose latents are N categorical variables of K classes.
 *
 *   prior       p(z)     = uniform: each of the K^N codes equally likely     z [B, N, K], one-hot
 *   posterior   q(z | x) = product of N OneHotCategorical(logits)            logits [B, N, K]
 *   likelihood  p(x | z) = Bernoulli(logits), or Normal(mean, 1)             x [B, D]
 * Source: Jang, Gu & Poole 2017, arXiv:1611.01144; the default network is that of its code.
 *
 * The KL is the closed form, between 0 and N log K. `loss` may decode relaxed samples, which makes it no bound on anything: what is
 * said about log p(x) comes from `elbo` and `iwae`, whose samples are one-hot, or, where the codes can be counted, is exact.
 *
 * A Bernoulli likelihood wants pixels in {0, 1}: see `binarize`.
 */
export class CategoricalVae {
  readonly config: Readonly<Required<CategoricalVaeConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  /** p(z), over [N, K]. */
  readonly prior: Independent;
  private readonly specs: readonly LayerSpec[];
  private readonly network: ReturnType<typeof networks>;
  private readonly likelihood: Likelihood;
  private readonly zeros: tf.Tensor;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: CategoricalVaeConfig = {}) {
    this.config = complete(config);
    const { variables, classes, hidden, likelihood, seed } = this.config;
    this.specs = networkSpecs({ pixels: this.pixels, hidden, code: variables * classes });
    this.weights = createWeights(this.specs, seed);
    this.network = networks(this.specs, this.weights);
    this.likelihood = likelihoodOf(likelihood, 1);
    this.zeros = tf.zeros([variables, classes]);
    this.prior = new Independent(new OneHotCategorical(this.zeros), 1);
  }

  /**
   * Sets the biases of the decoder's outputs so that it starts from the mean image of the training set, [D] in [0, 1]. To be called
   * before training, if at all: what the codes can add to the mean image is learned later then (on MNIST, 300 steps later).
   *
   * @throws RangeError unless there is a number in [0, 1] for each pixel.
   */
  startFromMean(mean: ArrayLike<number>): void {
    const { outputOf } = this.likelihood;
    const bias = this.weights['decoder/output/bias']!;
    startOutputs('CategoricalVae.startFromMean', bias, { mean, pixels: this.pixels, outputOf });
  }

  /**
   * `-E log p(x | z) + KL(q || p)`, the scalar to minimise: summed over pixels, a mean over the batch, in nats per image.
   *
   * The KL and its gradient are exact; the estimator is for the rest:
   *   'relaxed'            decodes softmax((logits + Gumbel noise) / temperature): biased, with a bias and against a variance that
   *                        the temperature trades, and its value is no bound
   *   'straight-through'   decodes the one-hot argmax of that, with its gradient: biased
   *   'score-function'     decodes one-hot draws, with the gradient of their probability (REINFORCE): unbiased, of large variance
   *   'exact'              the expectation over all K^N codes, at most 4,096; draws nothing
   * In place of options the step of `fit` of @proj/training is taken too, and passed over.
   */
  loss(x: tf.Tensor, seed: number, optionsOrStep: CategoricalLossOptions | number = {}): tf.Scalar {
    const images = this.checkImages(x);
    checkSeed('CategoricalVae.loss', seed);
    const options: CategoricalLossOptions = typeof optionsOrStep === 'number' ? {} : optionsOrStep;
    const { temperature = 1, estimator = this.config.estimator } = options;
    const { samples = estimator === 'score-function' ? 2 : 1 } = options;
    checkEstimator('CategoricalVae.loss', estimator);
    checkPositiveInteger('CategoricalVae.loss', 'samples', samples);
    if (!(temperature > 0 && temperature < Infinity)) {
      throw new RangeError(`CategoricalVae.loss: temperature must be above 0, got ${temperature}. Omit it to use 1.`);
    }
    return tf.tidy(() => {
      if (estimator === 'exact') return tf.neg(tf.mean<tf.Scalar>(this.exactElbo(images).elbo));
      const logits = this.logits(images);
      const posterior = this.over(logits);
      const kl = this.klOf(posterior);
      const draws = { sampleShape: [samples], seed };
      let rewards: tf.Tensor; // [S, B]
      if (estimator === 'score-function') {
        const z = posterior.sample(draws);
        const reward = this.logLikelihoods(images, z);
        rewards = scoreFunction(posterior.logProb(z), reward, othersMean(reward));
      } else {
        const soft = new RelaxedOneHotCategorical(temperature, logits).sample(draws); // [S, B, N, K]
        const hard = () => straightThrough(new OneHotCategorical(soft).mode(), soft);
        rewards = this.logLikelihoods(images, estimator === 'relaxed' ? soft : hard());
      }
      return tf.sub<tf.Scalar>(tf.mean(kl), tf.mean(rewards));
    });
  }

  /** The bound of each image and its two parts, each [B], from one one-hot sample of the posterior. */
  elbo(x: tf.Tensor, seed: number): ElboTerms {
    const images = this.checkImages(x);
    checkSeed('CategoricalVae.elbo', seed);
    return tf.tidy(() => {
      const posterior = this.posterior(images);
      const z = posterior.sample({ sampleShape: [1], seed });
      const reconstruction = tf.squeeze<tf.Tensor1D>(this.logLikelihoods(images, z), [0]);
      return boundOf(reconstruction, this.klOf(posterior));
    });
  }

  /**
   * The same, exactly: the reconstruction is the expectation over all K^N codes. Its gradient is what the estimators of `loss`
   * estimate.
   *
   * @throws RangeError if there are more than 4,096 codes.
   */
  exactElbo(x: tf.Tensor): ElboTerms {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const codes = this.allCodes('CategoricalVae.exactElbo');
      const posterior = this.posterior(images);
      const logQ = posterior.logProb(tf.expandDims(codes, 1)); // [C, B]
      const terms = tf.mul(tf.exp(logQ), this.jointly(images, codes));
      return boundOf(tf.sum<tf.Tensor1D>(terms, 0), this.klOf(posterior));
    });
  }

  /**
   * log p(x) of each image, [B], in nats: the mean over all K^N codes, nothing is drawn.
   *
   * @throws RangeError if there are more than 4,096 codes.
   */
  logProb(x: tf.Tensor): tf.Tensor1D {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const codes = this.allCodes('CategoricalVae.logProb');
      return tf.sub<tf.Tensor1D>(tf.logSumExp(this.jointly(images, codes), 0), Math.log(codes.shape[0]));
    });
  }

  /** Importance-weighted bound of each image, [B], in nats, from k one-hot samples of the posterior. Grows with k towards log p(x). */
  iwae(x: tf.Tensor, k: number, seed: number): tf.Tensor1D {
    const images = this.checkImages(x);
    checkPositiveInteger('CategoricalVae.iwae', 'k', k);
    checkSeed('CategoricalVae.iwae', seed);
    return tf.tidy(() => {
      const posterior = this.posterior(images);
      return importanceBound({ batch: images.shape[0], k, seed }, (draws, chunkSeed) => {
        const z = posterior.sample({ sampleShape: [draws], seed: chunkSeed }); // [S, B, N, K]
        const logRatio = tf.sub(this.prior.logProb(z), posterior.logProb(z)); // [S, B]
        return tf.add(this.logLikelihoods(images, z), logRatio);
      });
    });
  }

  /** q(z | x): a distribution over one-hot [N, K] for each image. Its logits are made here: use it inside `tf.tidy`. */
  posterior(x: tf.Tensor): Independent {
    return this.over(this.logits(this.checkImages(x)));
  }

  /** Probabilities of the classes, [B, N, K]. */
  encode(x: tf.Tensor): tf.Tensor3D {
    const images = this.checkImages(x);
    return tf.tidy(() => tf.softmax(this.logits(images)));
  }

  /** Pixel means of codes, [B, N K] -> [B, D]: one-hot vectors side by side, or relaxed ones. */
  decode(codes: tf.Tensor): tf.Tensor2D {
    const { variables, classes } = this.config;
    const hint = `A row is ${variables} one-hot vectors of ${classes}.`;
    const rows = checkRows('CategoricalVae.decode', 'codes', codes, variables * classes, hint);
    return tf.tidy(() => this.likelihood.mean([this.network.decode(rows)]));
  }

  /** Mean images of `count` draws from the prior, [count, D]. */
  sample(count: number, seed: number): tf.Tensor2D {
    checkPositiveInteger('CategoricalVae.sample', 'count', count);
    checkSeed('CategoricalVae.sample', seed);
    return tf.tidy(() => this.decode(this.flat(this.prior.sample({ sampleShape: [count], seed }))));
  }

  /** Mean image of the likeliest code, [B, D]. */
  reconstruct(x: tf.Tensor): tf.Tensor2D {
    const images = this.checkImages(x);
    return tf.tidy(() => this.decode(this.flat(this.over(this.logits(images)).mode())));
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    return describeLayers(this.specs);
  }

  dispose(): void {
    tf.dispose([Object.values(this.weights), this.zeros]);
  }

  private get pixels(): number {
    const [height, width, channels] = this.config.imageShape;
    return height * width * channels;
  }

  private logits(x: tf.Tensor2D): tf.Tensor3D {
    const { variables, classes } = this.config;
    return tf.reshape(this.network.encode(x), [x.shape[0], variables, classes]);
  }

  private over(logits: tf.Tensor3D): Independent {
    return new Independent(new OneHotCategorical(logits), 1);
  }

  /** Codes [..., N, K] as rows [R, N K]. */
  private flat(z: tf.Tensor): tf.Tensor2D {
    return tf.reshape(z, [-1, this.config.variables * this.config.classes]);
  }

  /** log p(x | z) for draws z [S, B, N, K] of each image: [S, B]. */
  private logLikelihoods(x: tf.Tensor2D, z: tf.Tensor): tf.Tensor2D {
    const draws = z.shape[0]!;
    const logProb = this.likelihood.logProb([this.network.decode(this.flat(z))], tf.tile(x, [draws, 1]));
    return tf.reshape(logProb, [draws, x.shape[0]]);
  }

  /** log p(x | z) of every image under every code [C, N, K]: [C, B]. Each code is decoded once. */
  private jointly(x: tf.Tensor2D, codes: tf.Tensor3D): tf.Tensor2D {
    const outputs = this.network.decode(this.flat(codes)); // [C, D]
    const each = tf.unstack(x).map((image) =>
      tf.tidy(() => {
        const repeated = tf.tile(tf.expandDims(image, 0) as tf.Tensor2D, [codes.shape[0], 1]);
        return this.likelihood.logProb([outputs], repeated); // [C]
      }),
    );
    return tf.stack(each, 1) as tf.Tensor2D;
  }

  /** sum over variables and classes of q log(q K): [B], between 0 and N log K. */
  private klOf(posterior: Independent): tf.Tensor1D {
    return posterior.klDivergence(this.prior) as tf.Tensor1D;
  }

  private allCodes(who: string): tf.Tensor3D {
    return allCodes(who, this.config.variables, this.config.classes);
  }

  private checkImages(x: tf.Tensor): tf.Tensor2D {
    const [height, width, channels] = this.config.imageShape;
    return checkRows(
      'CategoricalVae',
      'x',
      x,
      this.pixels,
      `Flatten images of ${height} x ${width} x ${channels} to rows.`,
    );
  }
}

const boundOf = (reconstruction: tf.Tensor1D, kl: tf.Tensor1D) => ({
  elbo: tf.sub<tf.Tensor1D>(reconstruction, kl),
  reconstruction,
  kl,
});

/**
 * For each draw the mean reward of the other draws of its image, [S, B]: it does not depend on the draw, as a baseline must not.
 * 0 for a single draw. Source: Kool, van Hoof & Welling 2019, "Buy 4 REINFORCE samples, get a baseline for free!".
 */
function othersMean(reward: tf.Tensor2D): tf.Tensor2D {
  const [draws] = reward.shape;
  if (draws === 1) return tf.zerosLike(reward);
  return tf.div(tf.sub(tf.sum(reward, 0, true), reward), draws - 1);
}

function checkEstimator(who: string, estimator: GradientEstimator): void {
  checkOneOf(who, 'estimator', estimator, ['relaxed', 'straight-through', 'score-function', 'exact']);
}

function complete({
  variables = 30,
  classes = 10,
  hidden = [512, 256],
  likelihood = 'bernoulli',
  estimator = 'relaxed',
  imageShape = [28, 28, 1],
  seed = 0,
}: CategoricalVaeConfig): Required<CategoricalVaeConfig> {
  checkPositiveInteger('CategoricalVae', 'variables', variables);
  checkPositiveInteger('CategoricalVae', 'classes', classes);
  for (const [i, units] of hidden.entries()) checkPositiveInteger('CategoricalVae', `hidden[${i}]`, units);
  checkOneOf('CategoricalVae', 'likelihood', likelihood, ['bernoulli', 'gaussian']);
  checkEstimator('CategoricalVae', estimator);
  checkImageShape('CategoricalVae', imageShape);
  checkSeed('CategoricalVae', seed);
  return { variables, classes, hidden: [...hidden], likelihood, estimator, imageShape, seed };
}
