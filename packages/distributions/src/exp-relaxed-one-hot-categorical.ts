import type * as tf from '@tensorflow/tfjs-core';
import { logSimplex } from './constraint.ts';
import type { DistributionOptions, Shape, Value } from './distribution.ts';
import { Relaxed } from './internal/relaxed.ts';
import { within } from './internal/within.ts';

/**
 * The logarithm of a RelaxedOneHotCategorical draw: values y [K] with exp(y) on the simplex. At low temperatures the
 * draws themselves are 0 and 1 in float32, and only their logarithms have a density that can be computed.
 * Source: Maddison, Mnih & Teh 2017, arXiv:1611.00712 (ExpConcrete).
 */
export class ExpRelaxedOneHotCategorical extends Relaxed {
  readonly support = logSimplex;

  /** `temperature` of the batch's shape, `logits` [..., K], finite. */
  constructor(temperature: Value, logits: Value, options?: DistributionOptions) {
    super('ExpRelaxedOneHotCategorical', temperature, logits, options);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.drawLog(sampleShape, seed);
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return within(logSimplex, value, (y) => this.logProbOfLog(y));
  }
}
