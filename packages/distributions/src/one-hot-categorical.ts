import type * as tf from '@tensorflow/tfjs-core';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { logitsOf } from './internal/classes.ts';
import { OneHot } from './internal/one-hot.ts';

/**
 * Categorical distribution over one-hot vectors [K], from `logits` [..., K], log probabilities up to a constant for all
 * K. A logit of -Infinity makes its class impossible. Draws are float32, exactly one 1 and the rest 0; their gradient is 0.
 */
export class OneHotCategorical extends OneHot {
  readonly reparameterized = false;

  constructor(logits: Value, options?: DistributionOptions) {
    super('OneHotCategorical', logits, options);
  }

  /** From the probabilities [..., K]. The logits made of them belong to the distribution: `dispose`. */
  static fromProbs(probs: Value, options: DistributionOptions = {}): OneHotCategorical {
    const logits = logitsOf('OneHotCategorical', probs, options);
    return new OneHotCategorical(logits, options).own(logits);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.draw(sampleShape, seed);
  }
}
