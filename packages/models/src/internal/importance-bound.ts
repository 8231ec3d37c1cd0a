import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';

const ROWS_AT_ONCE = 4096; // decoded together: 13 MB of MNIST logits

export interface ImportanceSamples {
  /** B, images. */
  readonly batch: number;
  /** Draws an image. */
  readonly k: number;
  readonly seed: number;
  /** Draws of all images together that are decoded together; 4,096 if omitted. */
  readonly rowsAtOnce?: number;
}

/**
 * Importance-weighted bound of each image, [B], in nats: log of the mean of k weights p(x, z) / q(z | x). `logWeights(draws, seed)`
 * gives the logarithms of some of them, [draws, B]; it is asked for no more than `rowsAtOnce` rows at a time (one draw an image at least), whatever k is.
 *
 * Source: Burda, Grosse & Salakhutdinov 2015, arXiv:1509.00519.
 */
export function importanceBound(
  { batch, k, seed, rowsAtOnce = ROWS_AT_ONCE }: ImportanceSamples,
  logWeights: (draws: number, seed: number) => tf.Tensor,
): tf.Tensor1D {
  return tf.tidy(() => {
    const perChunk = Math.max(1, Math.floor(rowsAtOnce / batch));
    let total: tf.Tensor | undefined; // [B], log of the sum of the weights so far
    for (let done = 0, chunk = 0; done < k; done += perChunk, chunk++) {
      const sum = tf.tidy(() => {
        const here = tf.logSumExp(logWeights(Math.min(perChunk, k - done), foldIn(seed, chunk)), 0);
        return total ? tf.logSumExp(tf.stack([total, here]), 0) : here;
      });
      total?.dispose();
      total = sum;
    }
    return tf.sub(total as tf.Tensor1D, Math.log(k));
  });
}
