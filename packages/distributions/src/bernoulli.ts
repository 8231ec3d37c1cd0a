import * as tf from '@tensorflow/tfjs-core';
import { boolean, real, unitInterval } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { entropyOf, klOf } from './internal/classes.ts';
import { checkConstraint, toTensor } from './internal/validate.ts';
import { standardLogistic } from './standard.ts';

/**
 * Bernoulli distribution over {0, 1}, from `logits` = log(p / (1 - p)), p the probability of 1. Values are float32.
 *
 * logProb is linear in the value, so that values between 0 and 1 give the cross-entropy of grey pixels with its sign turned.
 */
export class Bernoulli extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = false;
  readonly support = boolean;
  readonly logits = this.parameters.logits!;

  constructor(logits: Value, options?: DistributionOptions) {
    super('Bernoulli', { logits: [logits, real] }, options);
  }

  /** From the probability of 1. The logits made of it belong to the distribution: `dispose`. */
  static fromProbs(probs: Value, options: DistributionOptions = {}): Bernoulli {
    const logits = tf.tidy(() => {
      const p = toTensor(probs);
      if (options.validateArgs) checkConstraint('Bernoulli', 'parameter probs', p, unitInterval);
      return tf.sub(tf.log(p), tf.log(tf.sub(1, p)));
    });
    return new Bernoulli(logits, options).own(logits);
  }

  /** 0 and 1; their gradient is 0. Infinite logits give the sure outcome. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const noise = standardLogistic([...sampleShape, ...this.batchShape], seed);
    return tf.step(tf.add(this.logits, noise)); // tf.greater has no gradient: it would throw where 0 is meant
  }

  /** value * logits - softplus(logits); logits must be finite. */
  protected _logProb(value: tf.Tensor): tf.Tensor {
    return tf.sub(tf.mul(value, this.logits), tf.softplus(this.logits));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return tf.exp(this._logCdf(value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(between(value), logSigmoid(tf.neg(this.logits))), tf.log(atLeast(0, value)));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return tf.add(tf.mul(between(value), logSigmoid(this.logits)), tf.log(tf.sub(1, atLeast(1, value))));
  }

  /** The probability of 1. */
  protected override _mean(): tf.Tensor {
    return tf.sigmoid(this.logits);
  }

  protected override _variance(): tf.Tensor {
    return tf.mul(tf.sigmoid(this.logits), tf.sigmoid(tf.neg(this.logits)));
  }

  /** 1 where the logit is positive; a tie is 0. */
  protected override _mode(): tf.Tensor {
    return tf.step(this.logits);
  }

  /** From 0 to log 2. */
  protected override _entropy(): tf.Tensor {
    return entropyOf(bothLogProbs(this.logits));
  }

  protected override _klDivergence({ logits }: Bernoulli): tf.Tensor {
    return klOf(bothLogProbs(this.logits), bothLogProbs(logits));
  }
}

const logSigmoid = (x: tf.Tensor): tf.Tensor => tf.neg(tf.softplus(tf.neg(x)));

/** Log probabilities of 0 and 1, along a new last axis. */
const bothLogProbs = (logits: tf.Tensor): tf.Tensor => tf.stack([logSigmoid(tf.neg(logits)), logSigmoid(logits)], -1);

/** 1 where `value` is at least `x`, else 0. */
const atLeast = (x: number, value: tf.Tensor): tf.Tensor => tf.sub(1, tf.step(tf.sub(x, value)));

/** 1 from 0 to below 1, else 0. */
const between = (value: tf.Tensor): tf.Tensor => tf.sub(atLeast(0, value), atLeast(1, value));
