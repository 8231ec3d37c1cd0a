import { standardNormal, standardUniform } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';
import { checkOneOf, checkSeed } from '../internal/check.ts';

/** p(x~ | x), pixel by pixel. */
export interface Corruption {
  /** 'salt-pepper': 0 or 1, either half of the time. 'mask': 0. 'gaussian': normal noise is added, and nothing is clipped. */
  noise: 'salt-pepper' | 'mask' | 'gaussian';
  /** Probability that a pixel is hit, or the noise's standard deviation; 0 changes nothing. */
  level: number;
}

/** @throws RangeError unless the noise is known and the level a probability, or a standard deviation. */
export function checkCorruption(who: string, { noise, level }: Corruption): void {
  checkOneOf(who, 'noise', noise, ['salt-pepper', 'mask', 'gaussian']);
  const most = noise === 'gaussian' ? Number.MAX_VALUE : 1;
  if (!(level >= 0 && level <= most)) {
    const range = noise === 'gaussian' ? 'a standard deviation, 0 or more' : 'a probability, from 0 to 1';
    throw new RangeError(`${who}: level of ${noise} noise must be ${range}, got ${level}.`);
  }
}

/**
 * One draw of x~ ~ p(x~ | x), of x's shape: the same seed hits the same pixels.
 *
 * Not the seed that draws something else of the same images, such as `binarize`: `splitSeed` makes two of one. The published code
 * of Im et al. turns a hit pixel to salt with the probability of a hit; here it is 1/2 at every level.
 * Source: Im, Ahn, Memisevic & Bengio 2015, arXiv:1511.06406, section 5.
 *
 * @throws RangeError if a value does not fit.
 */
export function corrupt<T extends tf.Tensor>(x: T, corruption: Corruption, seed: number): T {
  checkCorruption('corrupt', corruption);
  checkSeed('corrupt', seed);
  const { noise, level } = corruption;
  return tf.tidy(() => {
    if (noise === 'gaussian') return tf.add(x, tf.mul(standardNormal(x.shape, seed), level)) as T;
    const u = standardUniform(x.shape, seed);
    const kept = tf.where(tf.less(u, level), tf.zerosLike(x), x);
    return (noise === 'mask' ? kept : tf.where(tf.less(u, level / 2), tf.onesLike(x), kept)) as T;
  });
}
