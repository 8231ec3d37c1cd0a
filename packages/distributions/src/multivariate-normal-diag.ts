import * as tf from '@tensorflow/tfjs-core';
import { each, positive, realVector } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { quotient } from './internal/quotient.ts';
import { broadcastShape } from './internal/shape.ts';
import { standardNormal } from './standard.ts';

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Normal distribution of vectors [N] with mean `loc` [..., N] whose elements are independent with standard deviations
 * `scaleDiag` [..., N] (not variances). A last axis of 1 stands for N equal numbers.
 */
export class MultivariateNormalDiag extends ParametricDistribution<[number]> {
  readonly eventShape: [number];
  readonly reparameterized = true;
  readonly support = realVector;
  readonly loc = this.parameters.loc!;
  readonly scaleDiag = this.parameters.scaleDiag!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scaleDiag: Value, options?: DistributionOptions) {
    super('MultivariateNormalDiag', { loc: [loc, realVector], scaleDiag: [scaleDiag, each(positive, 1)] }, options);
    const shapes = { 'event of loc': this.loc.shape.slice(-1), 'event of scaleDiag': this.scaleDiag.shape.slice(-1) };
    try {
      this.eventShape = broadcastShape(this.name, shapes) as [number];
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** `loc + scaleDiag * eps`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const eps = standardNormal([...sampleShape, ...this.fullShape], seed);
    return tf.add(this.loc, tf.mul(this.scaleDiag, eps));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    const z = quotient(tf.sub(value, this.loc), this.scaleDiag);
    return tf.sub(tf.mul(-0.5, tf.sum(tf.square(z), -1)), tf.add(this.logDet(), (this.size * LOG_2PI) / 2));
  }

  protected override _mean(): tf.Tensor {
    return this.loc;
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  protected override _stddev(): tf.Tensor {
    return this.scaleDiag;
  }

  protected override _covariance(): tf.Tensor {
    return tf.mul(tf.expandDims(tf.square(this.scaleDiag), -1), tf.eye(this.size));
  }

  /** log det scale + N (1 + log 2 pi) / 2. */
  protected override _entropy(): tf.Tensor {
    return tf.add(this.logDet(), (this.size * (1 + LOG_2PI)) / 2);
  }

  protected override _klDivergence({ loc, scaleDiag }: MultivariateNormalDiag): tf.Tensor {
    const ratio = quotient(this.scaleDiag, scaleDiag);
    const shift = quotient(tf.sub(this.loc, loc), scaleDiag);
    const quadratic = tf.mul(0.5, tf.sub(tf.add(tf.square(ratio), tf.square(shift)), 1));
    return this.sumEvent(tf.sub(quadratic, tf.log(ratio)));
  }

  private get size(): number {
    return this.eventShape[0];
  }

  private logDet(): tf.Tensor {
    return this.sumEvent(tf.log(this.scaleDiag));
  }

  /** The sum over an event's elements, also of one number that stands for all. */
  private sumEvent(t: tf.Tensor): tf.Tensor {
    return tf.mul(this.size / t.shape.at(-1)!, tf.sum(t, -1));
  }
}
