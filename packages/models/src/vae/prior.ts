import { Categorical, type Distribution, Independent, MixtureSameFamily, Normal } from '@proj/distributions';
import { normal, uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { bounded } from '../internal/bounded.ts';
import type { LayerSummary } from '../internal/weights.ts';

export const priorNames = ['normal', 'mixture', 'vamp'] as const;
export type PriorName = (typeof priorNames)[number];

/** The rows of images that the components of a VampPrior are the posteriors of. */
export const PSEUDO_INPUTS = 'prior/pseudo-inputs';
const LARGEST_LOG_VARIANCE = 10;

/** p(z) over [Z], which may have weights of its own. */
export interface Prior {
  readonly weights: Readonly<Record<string, tf.Variable>>;
  readonly rows: readonly LayerSummary[];
  /**
   * The distribution, or what temperature T makes of it: every component's standard deviations times T, the weights as they are.
   * Its tensors are made here, or are constants of the prior: to be called inside a tidy.
   */
  at(temperature: number): Distribution;
  /** Frees its constants; the weights belong to the model. */
  dispose(): void;
}

export interface PriorOptions {
  readonly latent: number;
  readonly components: number;
  /** D. */
  readonly pixels: number;
  readonly seed: number;
  /** q(z | x) of images [K, D], its standard deviations times T. */
  posterior(x: tf.Tensor2D, temperature: number): Distribution;
}

export function createPrior(name: PriorName, options: PriorOptions): Prior {
  if (name === 'normal') return standard(options);
  return name === 'mixture' ? mixture(options) : vamp(options);
}

/** N(0, I). */
function standard({ latent }: PriorOptions): Prior {
  const zeros = tf.zeros([latent]);
  const ones = tf.ones([latent]);
  const plain = new Independent(new Normal(zeros, ones), 1);
  return {
    weights: {},
    rows: [],
    at: (temperature) => (temperature === 1 ? plain : diagonal(zeros, tf.mul(ones, temperature))),
    dispose: () => tf.dispose([zeros, ones]),
  };
}

/**
 * sum_k w_k N(m_k, diag s_k^2) with weights, means and log-variances to learn. It starts as equal shares of N(m_k, I) with m_k drawn
 * from N(0, I). Variances are bounded as the posterior's are.
 */
function mixture({ latent, components, seed }: PriorOptions): Prior {
  const weights = tf.tidy(() => ({
    'prior/logits': tf.variable(tf.zeros([components])),
    'prior/loc': tf.variable(tf.tensor(normal(components * latent, seed), [components, latent])),
    'prior/log-variance': tf.variable(tf.zeros([components, latent])),
  }));
  const { 'prior/logits': logits, 'prior/loc': loc, 'prior/log-variance': logVariance } = weights;
  return {
    weights,
    rows: [row('prior', 'GaussianMixture', [components, latent], components * (1 + 2 * latent))],
    at(temperature) {
      const scale = tf.mul(tf.exp(tf.div(bounded<tf.Tensor>(logVariance, LARGEST_LOG_VARIANCE), 2)), temperature);
      return new MixtureSameFamily(new Categorical(logits), diagonal(loc, scale));
    },
    dispose: () => {},
  };
}

/**
 * Variational mixture of posteriors: sum_k q(z | u_k) / K, with the pseudo-inputs u_k [D] to learn. They start as uniform draws;
 * `Vae.startFromMean` makes black and white draws of the mean image of them.
 * Source: Tomczak & Welling 2018, arXiv:1705.07120.
 */
function vamp({ components, pixels, seed, posterior }: PriorOptions): Prior {
  const inputs = tf.tidy(() => tf.variable(tf.tensor(uniform(components * pixels, seed), [components, pixels])));
  const evenly = tf.zeros([components]);
  return {
    weights: { [PSEUDO_INPUTS]: inputs },
    rows: [row(PSEUDO_INPUTS, 'PseudoInputs', [components, pixels], inputs.size)],
    at: (temperature) =>
      new MixtureSameFamily(new Categorical(evenly), posterior(inputs as tf.Tensor as tf.Tensor2D, temperature)),
    dispose: () => evenly.dispose(),
  };
}

const diagonal = (loc: tf.Tensor, scale: tf.Tensor): Independent => new Independent(new Normal(loc, scale), 1);

const row = (name: string, type: string, outputShape: number[], params: number): LayerSummary => ({
  name,
  type,
  outputShape,
  params,
});
