import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { quotient } from './internal/quotient.ts';
import { logNdtr, ndtr, ndtri } from './math.ts';
import { standardNormal } from './standard.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** Normal distribution with mean `loc` and standard deviation `scale` (not variance). */
export class Normal extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = real;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, options?: DistributionOptions) {
    super('Normal', { loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `loc + scale * eps`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const eps = standardNormal([...sampleShape, ...this.batchShape], seed);
    return tf.add(this.loc, tf.mul(this.scale, eps));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return tf.sub(tf.mul(-0.5, tf.square(this.standardize(value))), tf.add(tf.log(this.scale), HALF_LOG_2PI));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return ndtr(this.standardize(value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return logNdtr(this.standardize(value));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return ndtr(tf.neg(this.standardize(value)));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return logNdtr(tf.neg(this.standardize(value)));
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.add(this.loc, tf.mul(this.scale, ndtri(p)));
  }

  protected override _mean(): tf.Tensor {
    return this.loc;
  }

  protected override _stddev(): tf.Tensor {
    return this.scale;
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  /** log scale + log(2 pi e) / 2. */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.log(this.scale), HALF_LOG_2PI + 0.5);
  }

  protected override _klDivergence({ loc, scale }: Normal): tf.Tensor {
    const ratio = quotient(this.scale, scale);
    const shift = quotient(tf.sub(this.loc, loc), scale);
    const quadratic = tf.mul(0.5, tf.sub(tf.add(tf.square(ratio), tf.square(shift)), 1));
    return tf.sub(quadratic, tf.log(ratio));
  }

  private standardize(value: tf.Tensor): tf.Tensor {
    return quotient(tf.sub(value, this.loc), this.scale);
  }
}
