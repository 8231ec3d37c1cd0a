import * as tf from '@tensorflow/tfjs-core';
import { integerInterval, realVector } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { drawClasses, entropyOf, klOf, likeliest, logitsOf, logProbs, zeroAt } from './internal/classes.ts';
import { complemented } from './internal/complemented.ts';
import { constant } from './internal/constant.ts';
import { logSumExp } from './math/log-sum-exp.ts';

/**
 * Categorical distribution over the classes 0 to K - 1, from `logits` [..., K], which are log probabilities up to a constant for
 * all K. A logit of -Infinity makes its class impossible.
 *
 * Draws and the mode are int32; values may be of any type. logProb holds K numbers for each value in memory.
 */
export class Categorical extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = false;
  readonly logits = this.parameters.logits!;
  /** K. */
  readonly classes = this.logits.shape.at(-1)!;
  readonly support = integerInterval(0, this.classes - 1);

  constructor(logits: Value, options?: DistributionOptions) {
    super('Categorical', { logits: [logits, realVector] }, options);
  }

  /** From the probabilities [..., K]. The logits made of them belong to the distribution: `dispose`. */
  static fromProbs(probs: Value, options: DistributionOptions = {}): Categorical {
    const logits = logitsOf('Categorical', probs, options);
    return new Categorical(logits, options).own(logits);
  }

  /** argmax(logits + Gumbel noise), int32. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return drawClasses(this.logits, sampleShape, seed);
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    const others = this.classesWhere(tf.notEqual, value);
    const logP = tf.sum(zeroAt(others, logProbs(this.logits)), -1);
    const inside = constant((x) => this.support.check(x))(value);
    return tf.where(inside, logP, tf.fill(logP.shape, -Infinity));
  }

  /** Sum of the probabilities of the classes up to `value`. */
  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.probOf(this.classesWhere(tf.greater, value));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.probOf(this.classesWhere(tf.lessEqual, value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return complemented(this.logProbOf(this.classesWhere(tf.greater, value)), this._survival(value));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return complemented(this.logProbOf(this.classesWhere(tf.lessEqual, value)), this._cdf(value));
  }

  /** The mean class. */
  protected override _mean(): tf.Tensor {
    return tf.sum(tf.mul(tf.exp(logProbs(this.logits)), this.range()), -1);
  }

  protected override _variance(): tf.Tensor {
    const deviation = tf.sub(this.range(), tf.expandDims(this._mean(), -1));
    return tf.sum(tf.mul(tf.exp(logProbs(this.logits)), tf.square(deviation)), -1);
  }

  /** int32; the first of several. */
  protected override _mode(): tf.Tensor {
    return likeliest(this.logits);
  }

  /** From 0 to log K. */
  protected override _entropy(): tf.Tensor {
    return entropyOf(logProbs(this.logits));
  }

  protected override _klDivergence({ logits }: Categorical): tf.Tensor {
    return klOf(logProbs(this.logits), logProbs(logits));
  }

  private range(): tf.Tensor {
    return tf.range(0, this.classes, 1, 'float32');
  }

  /** Booleans [..., K]: the classes for which `compare(class, value)`. */
  private classesWhere(compare: (k: tf.Tensor, x: tf.Tensor) => tf.Tensor, value: tf.Tensor): tf.Tensor {
    return constant((x) => compare(this.range(), tf.expandDims(x, -1)))(value);
  }

  private probOf(others: tf.Tensor): tf.Tensor {
    return tf.sum(zeroAt(others, tf.exp(logProbs(this.logits))), -1);
  }

  private logProbOf(others: tf.Tensor): tf.Tensor {
    const logP = logProbs(this.logits);
    const kept = zeroAt(others, logP);
    return logSumExp(tf.where(others, tf.fill(kept.shape, -Infinity), kept), -1);
  }
}
