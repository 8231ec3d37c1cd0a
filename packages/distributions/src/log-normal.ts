import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { quotient } from './internal/quotient.ts';
import { selectInside } from './internal/select.ts';
import { expm1, logNdtr, ndtr, ndtri } from './math.ts';
import { standardNormal } from './standard.ts';

const HALF_LOG_2PI = 0.5 * /* @__PURE__ */ Math.log(2 * Math.PI);

/** Log-normal distribution: log x is normal with mean `loc` and standard deviation `scale`. */
export class LogNormal extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = positive;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, options?: DistributionOptions) {
    super('LogNormal', { loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `exp(loc + scale * eps)`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const eps = standardNormal([...sampleShape, ...this.batchShape], seed);
    return tf.exp(tf.add(this.loc, tf.mul(this.scale, eps)));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    const logDensity = (x: tf.Tensor) => {
      const logX = tf.log(x);
      const gaussian = tf.mul(0.5, tf.square(this.standardize(logX)));
      return tf.neg(tf.add(tf.add(gaussian, logX), tf.add(tf.log(this.scale), HALF_LOG_2PI)));
    };
    return atPositive(value, logDensity, -Infinity);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return atPositive(value, (x) => ndtr(this.standardize(tf.log(x))), 0);
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return atPositive(value, (x) => logNdtr(this.standardize(tf.log(x))), -Infinity);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return atPositive(value, (x) => ndtr(tf.neg(this.standardize(tf.log(x)))), 1);
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return atPositive(value, (x) => logNdtr(tf.neg(this.standardize(tf.log(x)))), 0);
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.exp(tf.add(this.loc, tf.mul(this.scale, ndtri(p))));
  }

  /** exp(loc + scale^2 / 2). */
  protected override _mean(): tf.Tensor {
    return tf.exp(tf.add(this.loc, tf.mul(0.5, tf.square(this.scale))));
  }

  /** mean sqrt(exp(scale^2) - 1). */
  protected override _stddev(): tf.Tensor {
    return tf.mul(this._mean(), tf.sqrt(expm1(tf.square(this.scale))));
  }

  /** exp(loc - scale^2). */
  protected override _mode(): tf.Tensor {
    return tf.exp(tf.sub(this.loc, tf.square(this.scale)));
  }

  /** loc + log scale + log(2 pi e) / 2. */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.add(this.loc, tf.log(this.scale)), HALF_LOG_2PI + 0.5);
  }

  /** That of the normal distributions of the logarithms. */
  protected override _klDivergence({ loc, scale }: LogNormal): tf.Tensor {
    const ratio = quotient(this.scale, scale);
    const shift = quotient(tf.sub(this.loc, loc), scale);
    const quadratic = tf.mul(0.5, tf.sub(tf.add(tf.square(ratio), tf.square(shift)), 1));
    return tf.sub(quadratic, tf.log(ratio));
  }

  private standardize(logValue: tf.Tensor): tf.Tensor {
    return quotient(tf.sub(logValue, this.loc), this.scale);
  }
}

const isPositive = /* @__PURE__ */ constant((x) => tf.greater(x!, 0));

const atPositive = (value: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor, other: number): tf.Tensor =>
  selectInside(isPositive(value), value, 1, f, other);
