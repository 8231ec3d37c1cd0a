import { standardUniform } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import { checkSeed } from './internal/check.ts';

/**
 * Dynamic binarisation: each pixel becomes 1 with a probability that is its grey value in [0, 1], else 0.
 *
 * Give every pass over the data another seed; the mean over seeds is the grey image. Pixels 0 and 1 stay themselves.
 * Not the seed that the loss gets, whose draws come from the same bits: `splitSeed` makes two of one.
 */
export function binarize<T extends tf.Tensor>(x: T, seed: number): T {
  checkSeed('binarize', seed);
  return tf.tidy(() => tf.cast(tf.less(standardUniform(x.shape, seed), x), 'float32') as T);
}
