import { type Distribution, Independent, Normal } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { binarize } from '../binarize.ts';
import { bounded } from '../internal/bounded.ts';
import { checkPositiveInteger, checkRows, checkSeed } from '../internal/check.ts';
import { gaussianKl, gaussianKlOfEach } from '../internal/gaussian-kl.ts';
import { householderFlow } from '../internal/householder-flow.ts';
import { importanceBound } from '../internal/importance-bound.ts';
import { startOutputs } from '../internal/mean-image.ts';
import { countWeights, createWeights, describeLayers, type LayerSpec, type LayerSummary } from '../internal/weights.ts';
import { completeConfig, type VaeConfig } from './config.ts';
import { conv } from './conv.ts';
import { latentGrid } from './latent-walks.ts';
import { type Likelihood, likelihoodOf } from './likelihood.ts';
import { mlp } from './mlp.ts';
import type { Network, NetworkPlan } from './network.ts';
import { createPrior, type Prior, PSEUDO_INPUTS } from './prior.ts';

export interface VaeLossOptions {
  /** What the encoder sees in place of x, [B, D]: a corrupted x makes it a denoising auto-encoder. */
  input?: tf.Tensor;
  /** Weight of the KL in place of the configuration's: for schedules. `loss` alone. */
  beta?: number;
}

/** Per image, in nats. */
export interface ElboTerms {
  /** `reconstruction - kl`, a lower bound on log p(x); negative for pixels that are 0 or 1. */
  elbo: tf.Tensor1D;
  /** E log p(x | z) under the posterior, estimated from one sample, summed over pixels. */
  reconstruction: tf.Tensor1D;
  /**
   * KL(q(z | x) || p(z)): with `prior: 'normal'` the closed form, never negative. With the others log q(z | x) - log p(z) at the one
   * sample z: right on average, and for one draw it may be negative.
   */
  kl: tf.Tensor1D;
}

/** q(z | x) of each image: the diagonal Gaussian, and what the reflections made of it. */
interface Posterior {
  readonly loc: tf.Tensor2D;
  readonly scale: tf.Tensor2D;
  readonly logVariance: tf.Tensor2D;
  readonly distribution: Distribution;
}

const LARGEST_LOG_VARIANCE = 10;
const ROWS_AT_ONCE = 4096; // encoded or decoded together: 13 MB of MNIST logits
const NUMBERS_AT_ONCE = 4e6; // 16 MB, of a mixture's components at every row
const WIDEST_AT_ONCE = 8e6; // 32 MB, of the widest layer at every row: the first of a convolutional encoder has 32,768 numbers
/** Variance of the posterior's mean over images above which a dimension is active. Source: Burda et al. 2015. */
const ACTIVE_VARIANCE = 0.01;

/**
 * Variational auto-encoder for flattened images.
 *
 *   prior       p(z)     = Normal(0, 1), or a mixture of Gaussians or of posteriors   z [B, Z]
 *   posterior   q(z | x) = Normal(loc, scale), reflected if asked to                  loc, scale [B, Z]
 *   likelihood  p(x | z) = Bernoulli(logits), Normal(mean, scale), or a logistic rounded to bytes   x [B, D]
 * Source: Kingma & Welling 2013, arXiv:1312.6114; beta: Higgins et al. 2017; iwae: Burda et al. 2015, arXiv:1509.00519.
 *
 * The network's log-variance v goes through 10 tanh(v / 10): smooth, nearly the identity around 0, and bounded,
 * so that scale stays in [0.0067, 148.4] and no early step overflows.
 *
 * A Bernoulli likelihood wants pixels in {0, 1}: see `binarize`. Grey pixels in [0, 1] are taken too, but what comes
 * out is then a cross-entropy whose best value is not 0, and no log-likelihood.
 */
export class Vae {
  readonly config: Readonly<Required<VaeConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly specs: readonly LayerSpec[];
  private readonly network: Network;
  private readonly reflect: (base: Independent, features: tf.Tensor2D) => Distribution;
  private readonly likelihood: Likelihood;
  private readonly latentPrior: Prior;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: VaeConfig = {}) {
    this.config = completeConfig(config);
    const { latent, imageShape, likelihood, scale, prior, components, reflections, seed } = this.config;
    const pixels = imageShape[0] * imageShape[1] * imageShape[2];
    this.likelihood = likelihoodOf(likelihood, scale);
    const plan = networkPlan(this.config, pixels, this.likelihood.heads);
    const flow = householderFlow('posterior', reflections, plan.features, latent);
    this.specs = [...plan.specs, ...flow.specs];
    const layers = createWeights(this.specs, seed);
    this.network = plan.bind(layers);
    this.reflect = flow.bind(layers);
    this.latentPrior = createPrior(prior, {
      latent,
      components,
      pixels,
      seed: foldIn(seed, this.specs.length),
      posterior: (x, temperature) => this.posteriorOf(x, temperature).distribution,
    });
    this.weights = { ...layers, ...this.latentPrior.weights };
  }

  /** p(z), over [Z]. A mixture's parameters are made here: use it inside `tf.tidy`. */
  get prior(): Distribution {
    return this.latentPrior.at(1);
  }

  /**
   * Sets the biases of the decoder's outputs so that it starts from the mean image of the training set, [D] in [0, 1].
   *
   * To be called before training, if at all. Pixels that are always black then need no large weights to stay so: training
   * begins near the best constant image, and draws from the thin parts of the prior keep their background. A convolutional
   * decoder has one bias a channel and takes the channel's mean. Pseudo-inputs become draws of black and white pixels with
   * these means. Source: the code of Burda et al. 2015 (yburda/iwae).
   *
   * @throws RangeError unless there is a number in [0, 1] for each pixel.
   */
  startFromMean(mean: ArrayLike<number>): void {
    const [height, width, channels] = this.config.imageShape;
    const pixels = height * width * channels;
    const bias = this.weights['decoder/output/bias']!;
    const { outputOf } = this.likelihood;
    startOutputs('Vae.startFromMean', bias, { mean, pixels, outputOf });
    tf.tidy(() => {
      const pseudoInputs = this.weights[PSEUDO_INPUTS];
      if (!pseudoInputs) return;
      const grey = tf.tile(tf.tensor2d(Float32Array.from(mean), [1, pixels]), [this.config.components, 1]);
      pseudoInputs.assign(binarize(grey, foldIn(this.config.seed, this.specs.length)));
    });
  }

  /**
   * `-E log p(x | z) + beta KL(q || p)` from one posterior sample: summed over pixels, a mean over the batch, in nats
   * per image. The scalar to minimise; with beta 1 and no free bits minus the mean of `elbo` at the same seed.
   *
   * A number in place of the options is the step that `fit` of @proj/training tells every loss; nothing here depends on it.
   */
  loss(x: tf.Tensor, seed: number, options: VaeLossOptions | number = {}): tf.Scalar {
    const { input = x, beta = this.config.beta } = typeof options === 'number' ? {} : options;
    const images = this.checkImages(x);
    checkSeed('Vae.loss', seed);
    return tf.tidy(() => {
      const { reconstruction, kl, posterior } = this.terms(images, this.checkImages(input), seed);
      const { freeBits } = this.config;
      if (freeBits === 0) return tf.mean(tf.sub(tf.mul(kl, beta), reconstruction));
      const each = tf.mean(gaussianKlOfEach(posterior.loc, posterior.logVariance), 0); // [Z]
      const rate = tf.sum(tf.maximum(each, freeBits));
      return tf.sub(tf.mul(rate, beta), tf.mean(reconstruction)) as tf.Scalar;
    });
  }

  /** The bound of each image and its two parts, each [B], from one posterior sample. */
  elbo(x: tf.Tensor, seed: number, { input = x }: Pick<VaeLossOptions, 'input'> = {}): ElboTerms {
    const images = this.checkImages(x);
    checkSeed('Vae.elbo', seed);
    return tf.tidy(() => {
      const { reconstruction, kl } = this.terms(images, this.checkImages(input), seed);
      return { elbo: tf.sub<tf.Tensor1D>(reconstruction, kl), reconstruction, kl };
    });
  }

  /**
   * Importance-weighted bound of each image, [B], in nats: log of the mean of p(x, z) / q(z | x) over k posterior samples.
   * Grows with k towards log p(x). Draws are decoded 4,096 rows at a time, whatever k is; with a prior of many components fewer.
   */
  iwae(x: tf.Tensor, k: number, seed: number): tf.Tensor1D {
    const images = this.checkImages(x);
    checkPositiveInteger('Vae.iwae', 'k', k);
    checkSeed('Vae.iwae', seed);
    return tf.tidy(() => {
      const posterior = this.posterior(images);
      const { prior } = this;
      const sizes = { batch: images.shape[0], k, seed, rowsAtOnce: this.rowsAtOnce() };
      return importanceBound(sizes, (draws, chunkSeed) => this.logWeights(images, posterior, prior, draws, chunkSeed));
    });
  }

  /** q(z | x): a distribution over [Z] for each image. Its parameters are made here: use it inside `tf.tidy`. */
  posterior(x: tf.Tensor): Distribution {
    return this.posteriorOf(this.checkImages(x)).distribution;
  }

  /** log p(x | z) in nats, summed over pixels: x [B, D], z [B, Z] -> [B]. */
  logLikelihood(x: tf.Tensor, z: tf.Tensor): tf.Tensor1D {
    const images = this.checkImages(x);
    const codes = checkRows('Vae.logLikelihood', 'z', z, this.config.latent, 'A row is one code.');
    return tf.tidy(() => this.likelihood.logProb(this.network.decode(codes), images));
  }

  /** Mean and standard deviations of the posterior, each [B, Z]; reflections leave it correlations that these do not show. */
  encode(x: tf.Tensor): { loc: tf.Tensor2D; scale: tf.Tensor2D } {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const { distribution } = this.posteriorOf(images);
      return { loc: distribution.mean() as tf.Tensor2D, scale: distribution.stddev() as tf.Tensor2D };
    });
  }

  /** Pixel means, [B, Z] -> [B, D]. */
  decode(z: tf.Tensor): tf.Tensor2D {
    const codes = checkRows('Vae.decode', 'z', z, this.config.latent, 'A row is one code.');
    return tf.tidy(() => this.likelihood.mean(this.network.decode(codes)));
  }

  /**
   * `count` draws from the prior, [count, Z]. Temperature multiplies standard deviations: 0 is the mean code, or with a mixture the
   * mean of a component that is drawn by its weight.
   */
  sampleCodes(count: number, seed: number, { temperature = 1 }: { temperature?: number } = {}): tf.Tensor2D {
    checkPositiveInteger('Vae.sample', 'count', count);
    checkSeed('Vae.sample', seed);
    if (!(temperature >= 0 && temperature < Infinity)) {
      throw new RangeError(`Vae.sample: temperature must be 0 or more, got ${temperature}. Omit it to use 1.`);
    }
    return tf.tidy(() => this.latentPrior.at(temperature).sample({ sampleShape: [count], seed }) as tf.Tensor2D);
  }

  /** Mean images of draws from the prior, [count, D]: `sampleCodes`, decoded. */
  sample(count: number, seed: number, options: { temperature?: number } = {}): tf.Tensor2D {
    return tf.tidy(() => this.decode(this.sampleCodes(count, seed, options)));
  }

  /** Mean image of the posterior's mean code, [B, D]. */
  reconstruct(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.decode(this.posterior(x).mean()));
  }

  /**
   * Variance over the images of the posterior's mean, [Z]: how much each dimension of the code tells them apart. Images x [N, D],
   * as many as there are; no more than 4,096 are encoded at a time.
   */
  latentVariance(x: tf.Tensor): tf.Tensor1D {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const parts: tf.Tensor[] = [];
      const atOnce = this.rowsAtOnce();
      for (let start = 0; start < images.shape[0]; start += atOnce) {
        const rows = Math.min(atOnce, images.shape[0] - start);
        parts.push(tf.tidy(() => this.posterior(tf.slice(images, start, rows)).mean()));
      }
      return tf.moments(tf.concat(parts), 0).variance as tf.Tensor1D;
    });
  }

  /** How many dimensions of the code are in use: those whose `latentVariance` is above 0.01. */
  activeUnits(x: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.sum(tf.cast(tf.greater(this.latentVariance(x), ACTIVE_VARIANCE), 'float32')));
  }

  /**
   * n x n codes that cut N(0, I) of a two-dimensional latent space into equal shares, [n n, 2]: row after row as a
   * picture is read, the first coordinate growing to the right, the second upwards. Decode them to see the plane.
   *
   * @throws RangeError if latent is not 2.
   */
  latentGrid(n: number): tf.Tensor2D {
    if (this.config.latent !== 2) {
      throw new RangeError(`Vae.latentGrid: latent must be 2, got ${this.config.latent}. Train a model with latent 2.`);
    }
    checkPositiveInteger('Vae.latentGrid', 'n', n);
    return tf.tensor2d(latentGrid(n), [n * n, 2]);
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    return [...describeLayers(this.specs), ...this.latentPrior.rows];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
    this.latentPrior.dispose();
  }

  /** Images encoded or codes decoded together: few enough that the widest layer fits, and a mixture's components at each. */
  private rowsAtOnce(): number {
    const { prior, components, latent } = this.config;
    const widest = Math.max(...this.specs.map(({ outputShape }) => outputShape.reduce((size, n) => size * n, 1)));
    const rows = Math.min(ROWS_AT_ONCE, Math.max(1, Math.floor(WIDEST_AT_ONCE / widest)));
    return prior === 'normal' ? rows : Math.max(1, Math.min(rows, Math.floor(NUMBERS_AT_ONCE / (components * latent))));
  }

  private terms(x: tf.Tensor2D, input: tf.Tensor2D, seed: number) {
    const posterior = this.posteriorOf(input);
    const { loc, logVariance, distribution } = posterior;
    if (this.config.prior === 'normal') {
      // Reflections leave the divergence as it is: they turn N(0, I) into itself.
      const z = distribution.sample({ seed }) as tf.Tensor2D; // [B, Z]
      const reconstruction = this.likelihood.logProb(this.network.decode(z), x); // [B]
      return { reconstruction, kl: gaussianKl(loc, logVariance), posterior };
    }
    const { sample, logProb } = distribution.sampleAndLogProb({ seed });
    const reconstruction = this.likelihood.logProb(this.network.decode(sample as tf.Tensor2D), x);
    return { reconstruction, kl: tf.sub<tf.Tensor1D>(logProb, this.prior.logProb(sample)), posterior };
  }

  /** log p(x | z) + log p(z) - log q(z | x) of `draws` posterior samples of each image, [S, B]. */
  private logWeights(x: tf.Tensor2D, posterior: Distribution, prior: Distribution, draws: number, seed: number) {
    const { sample: z, logProb } = posterior.sampleAndLogProb({ sampleShape: [draws], seed }); // [S, B, Z], [S, B]
    const batch = x.shape[0];
    const outputs = this.network.decode(tf.reshape(z, [draws * batch, this.config.latent])); // [S B, D]
    const likelihood = this.likelihood.logProb(outputs, tf.tile(x, [draws, 1])); // [S B]
    return tf.add(tf.reshape(likelihood, [draws, batch]), tf.sub(prior.logProb(z), logProb));
  }

  /** The posterior, its standard deviations times `temperature`. */
  private posteriorOf(x: tf.Tensor2D, temperature = 1): Posterior {
    const { features, loc, rawLogVariance } = this.network.encode(x);
    const logVariance = bounded(rawLogVariance, LARGEST_LOG_VARIANCE);
    const plain = tf.exp(tf.div<tf.Tensor2D>(logVariance, 2));
    const scale = temperature === 1 ? plain : tf.mul<tf.Tensor2D>(plain, temperature);
    const distribution = this.reflect(new Independent(new Normal(loc, scale), 1), features);
    return { loc, scale, logVariance, distribution };
  }

  protected checkImages(x: tf.Tensor): tf.Tensor2D {
    const [height, width, channels] = this.config.imageShape;
    const hint = `Flatten images of ${height} x ${width} x ${channels} to rows.`;
    return checkRows('Vae', 'x', x, height * width * channels, hint);
  }
}

function networkPlan(config: Required<VaeConfig>, pixels: number, heads: 1 | 2): NetworkPlan {
  const { net, imageShape, latent, hidden, layers, decoderLayers, activation } = config;
  if (net === 'conv') return conv({ imageShape, latent, heads });
  return mlp({ pixels, hidden, latent, activation, layers: [layers, decoderLayers], heads });
}
