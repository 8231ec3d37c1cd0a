import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, greaterThan, interval, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { expand } from './internal/expand.ts';
import { quotient } from './internal/quotient.ts';
import { select, selectInside } from './internal/select.ts';
import { withDerivative } from './internal/with-derivative.ts';
import { log1p } from './math.ts';
import { standardUniform } from './standard.ts';

/** Uniform distribution from `low` to `high`, whose density holds at both ends. */
export class Uniform extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly low = this.parameters.low!;
  readonly high = this.parameters.high!;
  readonly support: Constraint = interval(this.low, this.high);

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(low: Value, high: Value, options?: DistributionOptions) {
    super('Uniform', { low: [low, real], high: [high, greaterThan(low, 'low')] }, options);
  }

  /** The quantile of a uniform draw from (0, 1). */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this._quantile(standardUniform([...sampleShape, ...this.batchShape], seed));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return selectInside(this.inside(value), value, this.low, (x) => this.constantAt(x, tf.neg(this._entropy())), -Infinity);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return clip(this.position(value));
  }
}
