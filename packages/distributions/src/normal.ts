import * as tf from '@tensorflow/tfjs-core';
import { Distribution, type SampleOptions, type Shape } from './distribution.ts';
import { expand } from './internal/expand.ts';
import { broadcastShape } from './internal/shape.ts';
import { standardNormal } from './standard.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/**
 * Normal distribution with mean `loc` and standard deviation `scale` (not variance).
 *
 * batchShape is the broadcast of both parameter shapes; eventShape is []. Logs are in nats.
 * The parameters are borrowed: whoever made them disposes them. `scale` must be positive, which is not checked: that
 * would need a read from the device.
 */
export class Normal extends Distribution {
  readonly name = 'Normal';
  readonly reparameterized = true;
  readonly eventShape: Shape = [];
  readonly batchShape: Shape;

  /** @throws RangeError if the parameter shapes do not broadcast. */
  constructor(
    readonly loc: tf.Tensor,
    readonly scale: tf.Tensor,
  ) {
    super();
    this.batchShape = broadcastShape('Normal', { loc: loc.shape, scale: scale.shape });
  }

  /** `loc + scale * eps`, shape [...sampleShape, ...batchShape]; gradients reach both parameters. */
  sample({ sampleShape = [], seed }: SampleOptions = {}): tf.Tensor {
    return tf.tidy(() => {
      const eps = standardNormal([...sampleShape, ...this.batchShape], seed);
      return tf.add(this.loc, tf.mul(this.scale, eps));
    });
  }

  /**
   * Log density; `value` broadcasts against batchShape.
   *
   * @throws RangeError if it does not.
   */
  logProb(value: tf.Tensor): tf.Tensor {
    broadcastShape('Normal.logProb', { value: value.shape, batchShape: this.batchShape });
    return tf.tidy(() => {
      const z = tf.div(tf.sub(value, this.loc), this.scale);
      return tf.sub(tf.mul(-0.5, tf.square(z)), tf.add(tf.log(this.scale), HALF_LOG_2PI));
    });
  }

  override mean(): tf.Tensor {
    return expand(this.loc, this.batchShape);
  }

  override variance(): tf.Tensor {
    return tf.tidy(() => expand(tf.square(this.scale), this.batchShape));
  }

  override stddev(): tf.Tensor {
    return expand(this.scale, this.batchShape);
  }

  override mode(): tf.Tensor {
    return this.mean();
  }

  /** Differential entropy, log scale + log(2 pi e) / 2: negative for a narrow one. */
  override entropy(): tf.Tensor {
    return tf.tidy(() => expand(tf.add(tf.log(this.scale), HALF_LOG_2PI + 0.5), this.batchShape));
  }

  /**
   * KL(this || other), shape = broadcast of both batch shapes.
   *
   * @throws TypeError if `other` is no Normal, RangeError if the batch shapes do not broadcast.
   */
  override klDivergence(other: Distribution): tf.Tensor {
    if (!isNormal(other)) throw this.noKl(other);
    broadcastShape('klDivergence', { 'p.batchShape': this.batchShape, 'q.batchShape': other.batchShape });
    return tf.tidy(() => {
      const ratio = tf.div(this.scale, other.scale);
      const shift = tf.div(tf.sub(this.loc, other.loc), other.scale);
      const quadratic = tf.mul(0.5, tf.sub(tf.add(tf.square(ratio), tf.square(shift)), 1));
      return tf.sub(quadratic, tf.log(ratio));
    });
  }
}

/** By name, not by class: the ESM and the CJS copy of this package may meet in one program. */
const isNormal = (d: Distribution): d is Normal => d.name === 'Normal';
