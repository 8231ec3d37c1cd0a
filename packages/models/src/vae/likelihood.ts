import { Independent, Normal } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import { sigmoidCrossEntropy } from '../internal/sigmoid-cross-entropy.ts';

/** p(x | z) of flattened images, from what the decoder puts out. */
export interface Likelihood {
  /** log p(x | z), in nats, summed over pixels: outputs [B, D], x [B, D] -> [B]. */
  logProb(outputs: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor1D;
  /** E[x | z], [B, D]. */
  mean(outputs: tf.Tensor2D): tf.Tensor2D;
  /** The output whose mean is `mean`, a pixel's grey value; finite for 0 and 1 too. */
  outputOf(mean: number): number;
}

/** Means nearer to 0 or 1 are taken as this near, so that their logits stay finite (the reference code of IWAE does the same). */
const NEAREST = 1e-3;

/** Independent Bernoulli pixels; the outputs are logits. Same numbers as `Independent(new Bernoulli(logits), 1)`. */
export const bernoulli: Likelihood = {
  logProb: (logits, x) => tf.neg(sigmoidCrossEntropy(x, logits)),
  mean: (logits) => tf.sigmoid(logits),
  outputOf(mean) {
    const p = Math.min(1 - NEAREST, Math.max(NEAREST, mean));
    return Math.log(p / (1 - p));
  },
};

/** Independent normal pixels with standard deviation 1; the outputs are their means. 784 of them cost 720.4 nats at best. */
export const gaussian: Likelihood = {
  logProb: (means, x) => new Independent(new Normal(means, tf.scalar(1)), 1).logProb(x) as tf.Tensor1D,
  mean: (means) => tf.clone(means),
  outputOf: (mean) => mean,
};
