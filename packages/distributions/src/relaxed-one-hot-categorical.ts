import * as tf from '@tensorflow/tfjs-core';
import { openSimplex } from './constraint.ts';
import type { DistributionOptions, SampleAndLogProb, Shape, Value } from './distribution.ts';
import { SMALLEST } from './internal/float32.ts';
import { Relaxed } from './internal/relaxed.ts';
import { within } from './internal/within.ts';

/**
 * Relaxation of OneHotCategorical to the inside of the simplex [K], also called Gumbel-softmax or Concrete: softmax((logits +
 * Gumbel noise) / temperature). Temperature 0 would be one-hot, Infinity uniform; gradients pass through draws to both.
 *
 * Elements of a draw are at least 2^-126: that they stay inside. sampleAndLogProb has the density of the draw before that;
 * ExpRelaxedOneHotCategorical draws without it.
 * Source: Maddison, Mnih & Teh 2017, arXiv:1611.00712; Jang, Gu & Poole 2017, arXiv:1611.01144.
 */
export class RelaxedOneHotCategorical extends Relaxed {
  readonly support = openSimplex;

  /** `temperature` of the batch's shape, `logits` [..., K], finite. */
  constructor(temperature: Value, logits: Value, options?: DistributionOptions) {
    super('RelaxedOneHotCategorical', temperature, logits, options);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return insideOf(this.drawLog(sampleShape, seed));
  }

  protected override _sampleAndLogProb(sampleShape: Shape, seed: number): SampleAndLogProb {
    const y = this.drawLog(sampleShape, seed);
    return { sample: insideOf(y), logProb: this.logProbAt(y) };
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return within(openSimplex, value, (x) => this.logProbAt(tf.log(x)));
  }

  /** Density of x at log x. */
  private logProbAt(y: tf.Tensor): tf.Tensor {
    return tf.sub(this.logProbOfLog(y), tf.sum(y, -1));
  }
}

const insideOf = (y: tf.Tensor): tf.Tensor => tf.maximum(tf.exp(y), SMALLEST);
