import * as tf from '@tensorflow/tfjs-core';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { logitsOf } from './internal/classes.ts';
import { expand } from './internal/expand.ts';
import { OneHot } from './internal/one-hot.ts';
import { straightThrough } from './straight-through.ts';

/**
 * OneHotCategorical whose draws are exactly one-hot, while their gradient is that of the probabilities: biased, but with
 * little variance. Source: Bengio, Leonard & Courville 2013, arXiv:1308.3432.
 */
export class OneHotCategoricalStraightThrough extends OneHot {
  readonly reparameterized = true;

  constructor(logits: Value, options?: DistributionOptions) {
    super('OneHotCategoricalStraightThrough', logits, options);
  }

  /** From the probabilities [..., K]. The logits made of them belong to the distribution: `dispose`. */
  static fromProbs(probs: Value, options: DistributionOptions = {}): OneHotCategoricalStraightThrough {
    const logits = logitsOf('OneHotCategoricalStraightThrough', probs, options);
    return new OneHotCategoricalStraightThrough(logits, options).own(logits);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const hard = this.draw(sampleShape, seed);
    return straightThrough(hard, expand(tf.exp(this.logP), hard.shape));
  }
}
