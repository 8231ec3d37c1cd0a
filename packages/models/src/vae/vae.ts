import { Independent, Normal, standardNormal } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkImageShape,
  checkOneOf,
  checkPositiveInteger,
  checkRows,
  checkSeed,
  type ImageShape,
} from '../internal/check.ts';
import { gaussianKl } from '../internal/gaussian-kl.ts';
import { countWeights, createWeights, describeLayers, type LayerSpec, type LayerSummary } from '../internal/weights.ts';
import { conv } from './conv.ts';
import { latentGrid } from './latent-grid.ts';
import { bernoulli, gaussian, type Likelihood } from './likelihood.ts';
import { mlp } from './mlp.ts';
import type { Network } from './network.ts';

export interface VaeConfig {
  /** Z, dimensions of the latent space. */
  latent?: number;
  /** Units of the hidden layers; `net: 'mlp'` alone. */
  hidden?: number;
  /** Of the hidden layers; `net: 'mlp'` alone, the convolutions are relu. A linear, gaussian VAE is probabilistic PCA. */
  activation?: 'tanh' | 'relu' | 'linear';
  net?: 'mlp' | 'conv';
  likelihood?: 'bernoulli' | 'gaussian';
  /** Weight of the KL in the loss; `elbo` and `iwae` do not see it. */
  beta?: number;
  imageShape?: ImageShape;
  /** Of the first weights. */
  seed?: number;
}

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
  /** KL(q(z | x) || p(z)), exact, never negative. */
  kl: tf.Tensor1D;
}

const LARGEST_LOG_VARIANCE = 10;
const ROWS_AT_ONCE = 4096; // decoded together by iwae: 13 MB of MNIST logits

/**
 * Variational auto-encoder for flattened images.
 *
 *   prior       p(z)     = Normal(0, 1)         z [B, Z]
 *   posterior   q(z | x) = Normal(loc, scale)   loc, scale [B, Z]
 *   likelihood  p(x | z) = Bernoulli(logits), or Normal(mean, 1)   x [B, D]
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
  private readonly likelihood: Likelihood;
  /** p(z), over [Z]. */
  readonly prior: Independent;
  private readonly constants: tf.Tensor[];

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: VaeConfig = {}) {
    this.config = complete(config);
    const { latent, hidden, activation, net, imageShape, likelihood, seed } = this.config;
    const pixels = imageShape[0] * imageShape[1] * imageShape[2];
    const plan = net === 'conv' ? conv({ imageShape, latent }) : mlp({ pixels, hidden, latent, activation });
    this.specs = plan.specs;
    this.weights = createWeights(plan.specs, seed);
    this.network = plan.bind(this.weights);
    this.likelihood = likelihood === 'bernoulli' ? bernoulli : gaussian;
    const zeros = tf.zeros([latent]);
    const ones = tf.ones([latent]);
    this.prior = new Independent(new Normal(zeros, ones), 1);
    this.constants = [zeros, ones];
  }

  /**
   * Sets the biases of the decoder's outputs so that it starts from the mean image of the training set, [D] in [0, 1].
   *
   * To be called before training, if at all. Pixels that are always black then need no large weights to stay so: training
   * begins near the best constant image, and draws from the thin parts of the prior keep their background. A convolutional
   * decoder has one bias a channel and takes the channel's mean. Source: the code of Burda et al. 2015 (yburda/iwae).
   *
   * @throws RangeError unless there is a number in [0, 1] for each pixel.
   */
  startFromMean(mean: ArrayLike<number>): void {
    const [height, width, channels] = this.config.imageShape;
    const pixels = height * width * channels;
    const outside = Array.from(mean).find((value) => !(value >= 0 && value <= 1));
    if (mean.length !== pixels || outside !== undefined) {
      const got = mean.length === pixels ? outside : `${mean.length} numbers`;
      throw new RangeError(`Vae.startFromMean: expected ${pixels} means in [0, 1], got ${got}. Divide bytes by 255.`);
    }
    const bias = this.weights['decoder/output/bias']!;
    const sums = new Float64Array(bias.size); // one a pixel, or one a channel
    for (let i = 0; i < pixels; i++) sums[i % bias.size]! += mean[i]!;
    const outputs = Float32Array.from(sums, (sum) => this.likelihood.outputOf((sum * bias.size) / pixels));
    tf.tidy(() => bias.assign(tf.tensor1d(outputs)));
  }

  /**
   * `-E log p(x | z) + beta KL(q || p)` from one posterior sample: summed over pixels, a mean over the batch, in nats
   * per image. The scalar to minimise; with beta 1 minus the mean of `elbo` at the same seed.
   */
  loss(x: tf.Tensor, seed: number, { input = x, beta = this.config.beta }: VaeLossOptions = {}): tf.Scalar {
    const images = this.checkImages(x);
    checkSeed('Vae.loss', seed);
    return tf.tidy(() => {
      const { reconstruction, kl } = this.terms(images, this.checkImages(input), seed);
      return tf.mean(tf.sub(tf.mul(kl, beta), reconstruction));
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
   * Grows with k towards log p(x). Draws are decoded 4,096 rows at a time, whatever k is.
   */
  iwae(x: tf.Tensor, k: number, seed: number): tf.Tensor1D {
    const images = this.checkImages(x);
    checkPositiveInteger('Vae.iwae', 'k', k);
    checkSeed('Vae.iwae', seed);
    return tf.tidy(() => {
      const posterior = this.posterior(images);
      const perChunk = Math.max(1, Math.floor(ROWS_AT_ONCE / images.shape[0]));
      let total: tf.Tensor | undefined; // [B], log of the sum of the weights so far
      for (let done = 0, chunk = 0; done < k; done += perChunk, chunk++) {
        const draws = Math.min(perChunk, k - done);
        const sum = tf.tidy(() => {
          const weights = this.logWeights(images, posterior, draws, foldIn(seed, chunk)); // [S, B]
          const here = tf.logSumExp(weights, 0);
          return total ? tf.logSumExp(tf.stack([total, here]), 0) : here;
        });
        total?.dispose();
        total = sum;
      }
      return tf.sub(total as tf.Tensor1D, Math.log(k));
    });
  }

  /** q(z | x): a distribution over [Z] for each image. Its parameters are made here: use it inside `tf.tidy`. */
  posterior(x: tf.Tensor): Independent {
    const { loc, scale } = this.parameters(this.checkImages(x));
    return new Independent(new Normal(loc, scale), 1);
  }

  /** log p(x | z) in nats, summed over pixels: x [B, D], z [B, Z] -> [B]. */
  logLikelihood(x: tf.Tensor, z: tf.Tensor): tf.Tensor1D {
    const images = this.checkImages(x);
    const codes = checkRows('Vae.logLikelihood', 'z', z, this.config.latent, 'A row is one code.');
    return tf.tidy(() => this.likelihood.logProb(this.network.decode(codes), images));
  }

  /** Mean and standard deviation of the posterior, each [B, Z]. */
  encode(x: tf.Tensor): { loc: tf.Tensor2D; scale: tf.Tensor2D } {
    const images = this.checkImages(x);
    return tf.tidy(() => {
      const { loc, scale } = this.parameters(images);
      return { loc, scale };
    });
  }

  /** Pixel means, [B, Z] -> [B, D]. */
  decode(z: tf.Tensor): tf.Tensor2D {
    const codes = checkRows('Vae.decode', 'z', z, this.config.latent, 'A row is one code.');
    return tf.tidy(() => this.likelihood.mean(this.network.decode(codes)));
  }

  /** Mean images of `count` draws from the prior, [count, D]; temperature multiplies the draws, 0 is the mean code. */
  sample(count: number, seed: number, { temperature = 1 }: { temperature?: number } = {}): tf.Tensor2D {
    checkPositiveInteger('Vae.sample', 'count', count);
    checkSeed('Vae.sample', seed);
    if (!(temperature >= 0 && temperature < Infinity)) {
      throw new RangeError(`Vae.sample: temperature must be 0 or more, got ${temperature}. Omit it to use 1.`);
    }
    return tf.tidy(() => this.decode(tf.mul(standardNormal([count, this.config.latent], seed), temperature)));
  }

  /** Mean image of the posterior's mean code, [B, D]. */
  reconstruct(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.decode(this.encode(x).loc));
  }

  /**
   * n x n codes that cut the prior of a two-dimensional latent space into equal shares, [n n, 2]: row after row as a
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
    return describeLayers(this.specs);
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
    tf.dispose(this.constants);
  }

  private terms(x: tf.Tensor2D, input: tf.Tensor2D, seed: number): Omit<ElboTerms, 'elbo'> {
    const { loc, scale, logVariance } = this.parameters(input);
    const z = new Normal(loc, scale).sample({ seed }) as tf.Tensor2D; // [B, Z]
    const reconstruction = this.likelihood.logProb(this.network.decode(z), x); // [B]
    return { reconstruction, kl: gaussianKl(loc, logVariance) };
  }

  /** log p(x | z) + log p(z) - log q(z | x) of `draws` posterior samples of each image, [S, B]. */
  private logWeights(x: tf.Tensor2D, posterior: Independent, draws: number, seed: number): tf.Tensor {
    const z = posterior.sample({ sampleShape: [draws], seed }); // [S, B, Z]
    const batch = x.shape[0];
    const outputs = this.network.decode(tf.reshape(z, [draws * batch, this.config.latent])); // [S B, D]
    const likelihood = this.likelihood.logProb(outputs, tf.tile(x, [draws, 1])); // [S B]
    const logRatio = tf.sub(this.prior.logProb(z), posterior.logProb(z)); // [S, B]
    return tf.add(tf.reshape(likelihood, [draws, batch]), logRatio);
  }

  private parameters(x: tf.Tensor2D): Record<'loc' | 'scale' | 'logVariance', tf.Tensor2D> {
    const { loc, rawLogVariance } = this.network.encode(x);
    const bounded = tf.tanh(tf.div<tf.Tensor2D>(rawLogVariance, LARGEST_LOG_VARIANCE)); // in [-1, 1]
    const logVariance = tf.mul<tf.Tensor2D>(bounded, LARGEST_LOG_VARIANCE);
    return { loc, scale: tf.exp(tf.div<tf.Tensor2D>(logVariance, 2)), logVariance };
  }

  private checkImages(x: tf.Tensor): tf.Tensor2D {
    const [height, width, channels] = this.config.imageShape;
    const hint = `Flatten images of ${height} x ${width} x ${channels} to rows.`;
    return checkRows('Vae', 'x', x, height * width * channels, hint);
  }
}

function complete({
  latent = 20,
  hidden = 500,
  activation = 'tanh',
  net = 'mlp',
  likelihood = 'bernoulli',
  beta = 1,
  imageShape = [28, 28, 1],
  seed = 0,
}: VaeConfig): Required<VaeConfig> {
  checkPositiveInteger('Vae', 'latent', latent);
  checkPositiveInteger('Vae', 'hidden', hidden);
  checkOneOf('Vae', 'activation', activation, ['tanh', 'relu', 'linear']);
  checkOneOf('Vae', 'net', net, ['mlp', 'conv']);
  checkOneOf('Vae', 'likelihood', likelihood, ['bernoulli', 'gaussian']);
  if (!(beta >= 0 && beta < Infinity)) {
    throw new RangeError(`Vae: beta must be 0 or more, got ${beta}. Omit it to use 1, the plain VAE.`);
  }
  checkImageShape('Vae', imageShape);
  checkSeed('Vae', seed);
  return { latent, hidden, activation, net, likelihood, beta, imageShape, seed };
}
