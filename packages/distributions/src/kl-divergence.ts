import type * as tf from '@tensorflow/tfjs-core';
import type { Distribution, Shape } from './distribution.ts';

/**
 * KL(p || q) in nats of two distributions of one family, shape = broadcast of both batch shapes. For pairs of different
 * families: the function of this name in '@proj/distributions/kl'.
 *
 * @throws TypeError if there is no formula for the pair.
 */
export function klDivergence<E extends Shape>(p: Distribution<E>, q: Distribution<NoInfer<E>>): tf.Tensor {
  return p.klDivergence(q);
}
