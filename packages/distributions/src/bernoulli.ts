import * as tf from '@tensorflow/tfjs-core';
import { Distribution, type SampleOptions, type Shape } from './distribution.ts';
import { broadcastShape } from './internal/shape.ts';
import { standardLogistic } from './standard.ts';

/**
 * Bernoulli distribution over {0, 1}, from `logits` = log(p / (1 - p)), p the probability of 1.
 *
 * batchShape is the shape of `logits`; eventShape is []. Logs are in nats; values are float32.
 * The parameter is borrowed: whoever made it disposes it.
 */
export class Bernoulli extends Distribution {
  readonly name = 'Bernoulli';
  readonly reparameterized = false;
  readonly eventShape: Shape = [];
  readonly batchShape: Shape;

  constructor(readonly logits: tf.Tensor) {
    super();
    this.batchShape = logits.shape;
  }

  /**
   * Draws of 0 and 1, shape [...sampleShape, ...batchShape]; their gradient is 0. The same bits on every engine for the
   * same logits. Infinite logits give the sure outcome.
   */
  sample({ sampleShape = [], seed }: SampleOptions = {}): tf.Tensor {
    return tf.tidy(() => {
      const noise = standardLogistic([...sampleShape, ...this.batchShape], seed);
      return tf.step(tf.add(this.logits, noise)); // tf.greater has no gradient: it would throw where 0 is meant
    });
  }

  /**
   * Log probability, `value * logits - softplus(logits)`; `value` broadcasts against batchShape. Linear in `value`, so that
   * values between 0 and 1 give the usual cross-entropy with its sign turned. Logits must be finite.
   *
   * @throws RangeError if the shapes do not broadcast.
   */
  logProb(value: tf.Tensor): tf.Tensor {
    broadcastShape('Bernoulli.logProb', { value: value.shape, logits: this.batchShape });
    return tf.tidy(() => tf.sub(tf.mul(value, this.logits), tf.softplus(this.logits)));
  }

  /** The probability of 1. */
  override mean(): tf.Tensor {
    return tf.sigmoid(this.logits);
  }

  override variance(): tf.Tensor {
    return tf.tidy(() => tf.mul(tf.sigmoid(this.logits), tf.sigmoid(tf.neg(this.logits))));
  }

  override stddev(): tf.Tensor {
    return tf.tidy(() => tf.sqrt(this.variance()));
  }

  /** 1 where the logit is positive; a tie is 0. */
  override mode(): tf.Tensor {
    return tf.step(this.logits);
  }

  /** Entropy, from 0 to log 2. Logits must be finite. */
  override entropy(): tf.Tensor {
    return tf.tidy(() => {
      const [one, zero] = outcomes(this.logits);
      return tf.add(tf.mul(one.prob, one.surprise), tf.mul(zero.prob, zero.surprise));
    });
  }

  /**
   * KL(this || other), shape = broadcast of both batch shapes. Logits must be finite.
   *
   * @throws TypeError if `other` is no Bernoulli, RangeError if the batch shapes do not broadcast.
   */
  override klDivergence(other: Distribution): tf.Tensor {
    if (!isBernoulli(other)) throw this.noKl(other);
    broadcastShape('klDivergence', { 'p.batchShape': this.batchShape, 'q.batchShape': other.batchShape });
    return tf.tidy(() => {
      const [one, zero] = outcomes(this.logits);
      const [otherOne, otherZero] = outcomes(other.logits);
      return tf.add(
        tf.mul(one.prob, tf.sub(otherOne.surprise, one.surprise)),
        tf.mul(zero.prob, tf.sub(otherZero.surprise, zero.surprise)),
      );
    });
  }
}

const outcome = (logits: tf.Tensor) => ({
  prob: tf.sigmoid(logits),
  surprise: tf.softplus(tf.neg(logits)), // -log prob
});

const outcomes = (logits: tf.Tensor) => [outcome(logits), outcome(tf.neg(logits))] as const;

/** By name, not by class: the ESM and the CJS copy of this package may meet in one program. */
const isBernoulli = (d: Distribution): d is Bernoulli => d.name === 'Bernoulli';
