import { type Distribution, Independent, Normal, TransformedDistribution } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';

/** A Gaussian of each document, turned by reflections H: N(H m, H diag(s^2) H'). */
export interface ReflectedGaussian {
  readonly distribution: Distribution;
  /** H m, [B, Z]. */
  readonly mean: tf.Tensor2D;
  /** The diagonal of H diag(s^2) H', [B, Z]. */
  readonly variance: tf.Tensor2D;
  /** log s^2 of the dimensions before they are turned, [B, Z]: their sum is the log-determinant. */
  readonly logVariance: tf.Tensor2D;
  /** The draw that `distribution.sample` makes of the seed, [B, Z]. */
  readonly z: tf.Tensor2D;
}

/** Gaussians with independent dimensions, one a topic: loc and logVariance [T, Z]. */
export interface Components {
  readonly loc: tf.Tensor2D;
  readonly logVariance: tf.Tensor2D;
}

/** What reflections make of N(loc, diag e^logVariance), [B, Z] each. `reflect` gives the distribution after them. */
export function reflectedGaussian(
  loc: tf.Tensor2D,
  logVariance: tf.Tensor2D,
  reflect: (base: Independent) => Distribution,
  seed: number,
): ReflectedGaussian {
  const [batch, latent] = loc.shape;
  const scale = tf.exp(tf.div<tf.Tensor2D>(logVariance, 2));
  const base = new Independent(new Normal(loc, scale), 1);
  const distribution = reflect(base);
  const draw = base.sample({ seed }) as tf.Tensor2D;
  if (!(distribution instanceof TransformedDistribution)) {
    return { distribution, mean: loc, variance: tf.square(scale), logVariance, z: draw };
  }
  // All in one pass: row j of diag(s), turned, is column j of H times s_j.
  const axes = tf.mul(tf.reshape(tf.eye(latent), [latent, 1, latent]), tf.reshape(scale, [1, batch, latent])); // [Z, B, Z]
  const turned = distribution.bijector.forward(tf.concat([tf.stack([loc, draw]), axes])); // [2 + Z, B, Z]
  const [mean, z, columns] = tf.split(turned, [1, 1, latent]) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return {
    distribution,
    mean: tf.reshape(mean, [batch, latent]),
    variance: tf.sum<tf.Tensor2D>(tf.square(columns), 0),
    logVariance,
    z: tf.reshape(z, [batch, latent]),
  };
}

/**
 * KL(q || N_i) of every document and component, [B, T], in nats: exact, nothing is drawn.
 *
 *   0.5 (sum over j of (C_jj + (m_j - mu_ij)^2) / sigma_ij^2 - Z + sum of log sigma_i^2 - sum of log s^2),   C = H diag(s^2) H'
 * The components' precision has no off-diagonal, so of q's covariance the diagonal alone is needed.
 */
export function componentKl({ mean, variance, logVariance }: ReflectedGaussian, components: Components): tf.Tensor2D {
  const latent = mean.shape[1];
  const away = tf.square(tf.sub(tf.expandDims(mean, 1), tf.expandDims(components.loc, 0))); // [B, T, Z]
  const spread = tf.add(tf.expandDims(variance, 1), away);
  const ratio = tf.sum(tf.mul(spread, tf.exp(tf.neg(components.logVariance))), -1); // [B, T]
  const logDeterminants = tf.sub(tf.sum(components.logVariance, -1), tf.sum(logVariance, -1, true)); // [B, T]
  return tf.mul(0.5, tf.add(tf.sub(ratio, latent), logDeterminants));
}
