import type * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from './distribution.ts';

/**
 * KL(p || q) in nats: what it costs to take q for p. Shape = broadcast of both batch shapes.
 *
 * @throws TypeError if there is no formula for the pair.
 */
export function klDivergence(p: Distribution, q: Distribution): tf.Tensor {
  return p.klDivergence(q);
}
