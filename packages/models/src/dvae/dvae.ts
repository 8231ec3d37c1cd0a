import { splitSeed } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { checkPositiveInteger, checkSeed } from '../internal/check.ts';
import type { VaeConfig } from '../vae/config.ts';
import { type ElboTerms, Vae, type VaeLossOptions } from '../vae/vae.ts';
import { type Corruption, checkCorruption, corrupt } from './corrupt.ts';
import { mixtureBound } from './mixture-bound.ts';

/** As of `Vae`; its network is by default that of the paper's code, D-200-200-50-200-D with softplus. */
export interface DvaeConfig extends VaeConfig, Partial<Corruption> {}

/**
 * Denoising variational auto-encoder: a Vae whose encoder sees corrupted images in training, while the clean ones are scored.
 *
 *   corruption  x~ ~ p(x~ | x)            posterior q(z | x~), the rest as in Vae
 *   loss        -E[log p(x | z)] + E[KL(q(z | x~) || p(z))]   from one x~ and one z
 * Source: Im, Ahn, Memisevic & Bengio 2015, arXiv:1511.06406.
 *
 * Four bounds on log p(x), all of the clean x:
 *   dvaeBound      minus the loss: E over x~ of the ELBO with q(z | x~). Its gap is E KL(q(z | x~) || p(z | x))
 *   mixtureBound   E over m corruptions of the ELBO with the mixture of their m posteriors; grows with m from dvaeBound to the
 *                  ELBO with the marginal posterior q~(z | x) = E q(z | x~)
 *   elbo, iwae     with q(z | x) of the clean image, as in Vae
 * The paper has the order of the first two the other way round: the ELBO with q~ is the higher one, by the mutual information of z and
 * x~ given x, which the mean over x~ of KL(q(z | x~) || q~(z | x)) is. So the loss is a regularised one, and not a tighter bound.
 */
export class Dvae extends Vae {
  readonly corruption: Readonly<Corruption>;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor({ noise = 'salt-pepper', level = 0.05, ...config }: DvaeConfig = {}) {
    checkCorruption('Dvae', { noise, level });
    super({ latent: 50, hidden: 200, layers: 2, decoderLayers: 1, activation: 'softplus', ...config });
    this.corruption = { noise, level };
  }

  /** One draw of the corruption of images [B, D]: same seed, same draw. */
  corrupt(x: tf.Tensor, seed: number): tf.Tensor2D {
    return corrupt(this.checkImages(x), this.corruption, seed);
  }

  /** As `Vae.loss`, with a corrupted x as input of the encoder; at level 0 it is `Vae.loss`, bit for bit. */
  override loss(x: tf.Tensor, seed: number, options: VaeLossOptions | number = {}): tf.Scalar {
    checkSeed('Dvae.loss', seed);
    const { input, ...rest }: VaeLossOptions = typeof options === 'number' ? {} : options;
    return tf.tidy(() => super.loss(x, seed, { ...rest, input: input ?? this.corruptFor(x, seed) }));
  }

  /** E over the corruption of the ELBO with q(z | x~), and its two parts, each [B]: from one corruption and one sample an image. */
  dvaeBound(x: tf.Tensor, seed: number): ElboTerms {
    checkSeed('Dvae.dvaeBound', seed);
    const input = this.corruptFor(x, seed);
    try {
      return this.elbo(x, seed, { input });
    } finally {
      input.dispose();
    }
  }

  /**
   * E over m corruptions of the ELBO with the mixture of the m posteriors: [B], in nats. From one set of m corruptions an image and one
   * sample of each component; the divergence from the prior is estimated by the same samples. With m = 1 it has the mean of `dvaeBound`.
   * The encoder sees m B images at once.
   */
  mixtureBound(x: tf.Tensor, m: number, seed: number): tf.Tensor1D {
    const images = this.checkImages(x);
    checkPositiveInteger('Dvae.mixtureBound', 'm', m);
    checkSeed('Dvae.mixtureBound', seed);
    return tf.tidy(() => {
      const posteriors = this.posterior(this.corruptFor(tf.tile(images, [m, 1]), seed));
      const logJoint = (z: tf.Tensor) => tf.add(this.logLikelihood(images, z), this.prior.logProb(z));
      return mixtureBound(posteriors, m, logJoint, seed);
    });
  }

  /** The corruption that goes with a seed of the loss and the bounds: from a child of it, since the seed itself draws z. */
  private corruptFor(x: tf.Tensor, seed: number): tf.Tensor2D {
    return this.corrupt(x, splitSeed(seed, 1)[0]!);
  }
}
