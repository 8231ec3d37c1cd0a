import { Independent, MixtureOfLogistics, Normal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import { bounded } from '../internal/bounded.ts';
import { sigmoidCrossEntropy } from '../internal/sigmoid-cross-entropy.ts';

/** p(x | z) of flattened images, from what the decoder puts out: for each head a tensor [B, D]. */
export interface Likelihood {
  /** 1: means or logits. 2: also the logarithm of the scale, not yet bounded. */
  readonly heads: 1 | 2;
  /** log p(x | z), in nats, summed over pixels: x [B, D] -> [B]. */
  logProb(outputs: tf.Tensor2D[], x: tf.Tensor2D): tf.Tensor1D;
  /** E[x | z], [B, D]. */
  mean(outputs: tf.Tensor2D[]): tf.Tensor2D;
  /** The output whose mean is `mean`, a pixel's grey value; finite for 0 and 1 too. */
  outputOf(mean: number): number;
}

/** Means nearer to 0 or 1 are taken as this near, so that their logits stay finite (the reference code of IWAE does the same). */
const NEAREST = 1e-3;

/** Independent Bernoulli pixels; the outputs are logits. Same numbers as `Independent(new Bernoulli(logits), 1)`. */
const bernoulli: Likelihood = {
  heads: 1,
  logProb: ([logits], x) => tf.neg(sigmoidCrossEntropy(x, logits!)),
  mean: ([logits]) => tf.sigmoid(logits!),
  outputOf(mean) {
    const p = Math.min(1 - NEAREST, Math.max(NEAREST, mean));
    return Math.log(p / (1 - p));
  },
};

/** Independent normal pixels with one standard deviation; the outputs are their means. At 1, 784 of them cost 720.4 nats at best. */
const gaussian = (scale: number): Likelihood => ({
  heads: 1,
  logProb: ([means], x) => normalPixels(means!, tf.scalar(scale), x),
  mean: ([means]) => tf.clone(means!),
  outputOf: (mean) => mean,
});

/** Of the logarithm of a learned standard deviation, which so lies in [0.0067, 148]: 0.0067 is 1.7 grey levels of 255. */
const LARGEST_LOG_SCALE = 5;

/**
 * Independent normal pixels; the outputs are means and, through `bounded`, logarithms of standard deviations. Without the floor
 * the density of a pixel that is always black had no upper limit: with it, a pixel gives 4.1 nats at most.
 */
const gaussianLearned: Likelihood = {
  heads: 2,
  logProb: ([means, raw], x) => normalPixels(means!, tf.exp(bounded(raw!, LARGEST_LOG_SCALE)), x),
  mean: ([means]) => tf.clone(means!),
  outputOf: (mean) => mean,
};

/** Of the logarithm of a logistic's scale on [-1, 1], which so lies in [0.0009, 1097]: 0.0009 is 0.12 grey levels of 255. */
const LARGEST_LOGISTIC_LOG_SCALE = 7;

/**
 * Pixels k / 255 as the bytes k: a logistic rounded to the nearest byte and clamped. The outputs are its location on [0, 1] and,
 * through `bounded`, the logarithm of its scale on [-1, 1]. Probabilities: never more than 0 nats a pixel, log 256 = 5.545 a
 * byte if all are equally likely.
 *
 * `mean` is that of the logistic clamped to [0, 1], in closed form; rounding moves it by half a grey level at most.
 * Source: Kingma et al. 2016, arXiv:1606.04934; Salimans et al. 2017, arXiv:1701.05517.
 */
const discretizedLogistic: Likelihood = {
  heads: 2,
  logProb([location, raw], x) {
    const [batch, pixels] = x.shape;
    const image = (t: tf.Tensor) => tf.reshape(t, [batch, pixels, 1, 1, 1]); // [B, H, W, K, C], one component
    const loc = image(tf.sub(tf.mul(location!, 2), 1));
    const scale = image(tf.exp(bounded(raw!, LARGEST_LOGISTIC_LOG_SCALE)));
    const bytes = tf.reshape(tf.round(tf.mul(x, 255)), [batch, pixels, 1, 1]);
    return new MixtureOfLogistics(tf.zeros([pixels, 1, 1]), loc, scale).logProb(bytes) as tf.Tensor1D;
  },
  mean([location, raw]) {
    // The integral of P(X > t) over [0, 1], P(X > t) = sigmoid((location - t) / scale).
    const scale = tf.div(tf.exp(bounded(raw!, LARGEST_LOGISTIC_LOG_SCALE)), 2);
    const rise = tf.softplus(tf.div(location!, scale));
    const beyond = tf.softplus(tf.div(tf.sub(location!, 1), scale));
    return tf.clipByValue(tf.mul(scale, tf.sub(rise, beyond)), 0, 1) as tf.Tensor2D;
  },
  outputOf: (mean) => mean,
};

export const likelihoodNames = ['bernoulli', 'gaussian', 'gaussian-learned', 'discretized-logistic'] as const;
export type LikelihoodName = (typeof likelihoodNames)[number];

/** `scale` is the standard deviation of 'gaussian'. */
export function likelihoodOf(name: LikelihoodName, scale: number): Likelihood {
  if (name === 'gaussian') return gaussian(scale);
  if (name === 'gaussian-learned') return gaussianLearned;
  return name === 'bernoulli' ? bernoulli : discretizedLogistic;
}

const normalPixels = (means: tf.Tensor, scale: tf.Tensor, x: tf.Tensor): tf.Tensor1D =>
  new Independent(new Normal(means, scale), 1).logProb(x) as tf.Tensor1D;
