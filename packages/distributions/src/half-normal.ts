import * as tf from '@tensorflow/tfjs-core';
import { nonnegative, positive } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { hostUnary } from './internal/host.ts';
import { quotient } from './internal/quotient.ts';
import { selectInside } from './internal/select.ts';
import { erf, erfc } from './math/scalar/normal.ts';
import { erfinv, logNdtr, ndtr } from './math.ts';
import { standardNormal } from './standard.ts';

const HALF_LOG_HALF_PI = 0.5 * /* @__PURE__ */ Math.log(Math.PI / 2);

/** Half-normal distribution: the size |x| of a normal x with mean 0 and standard deviation `scale`. */
export class HalfNormal extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = nonnegative;
  readonly scale = this.parameters.scale!;

  constructor(scale: Value, options?: DistributionOptions) {
    super('HalfNormal', { scale: [scale, positive] }, options);
  }

  /** `scale * |eps|`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return tf.mul(this.scale, tf.abs(standardNormal([...sampleShape, ...this.batchShape], seed)));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    const logDensity = (z: tf.Tensor) =>
      tf.neg(tf.add(tf.mul(0.5, tf.square(z)), tf.add(tf.log(this.scale), HALF_LOG_HALF_PI)));
    return this.atDistance(value, logDensity, -Infinity);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.atDistance(value, cdf, 0);
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return this.atDistance(value, logCdf, -Infinity, isPositive);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.atDistance(value, (z) => tf.mul(2, ndtr(tf.neg(z))), 1);
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return this.atDistance(value, (z) => tf.add(logNdtr(tf.neg(z)), Math.LN2), 0);
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.mul(this.scale, tf.mul(erfinv(p), Math.SQRT2));
  }

  protected override _mean(): tf.Tensor {
    return tf.mul(this.scale, Math.sqrt(2 / Math.PI));
  }

  protected override _stddev(): tf.Tensor {
    return tf.mul(this.scale, Math.sqrt(1 - 2 / Math.PI));
  }

  protected override _mode(): tf.Tensor {
    return tf.zerosLike(this.scale);
  }

  /** log scale + log(pi e / 2) / 2. */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.log(this.scale), HALF_LOG_HALF_PI + 0.5);
  }

  protected override _klDivergence({ scale }: HalfNormal): tf.Tensor {
    const ratio = quotient(this.scale, scale);
    return tf.sub(tf.mul(0.5, tf.sub(tf.square(ratio), 1)), tf.log(ratio));
  }

  /** `f` of value / scale where that is `inside`, else `other`. */
  private atDistance(
    value: tf.Tensor,
    f: (z: tf.Tensor) => tf.Tensor,
    other: number,
    inside: (x: tf.Tensor) => tf.Tensor = isNonnegative,
  ): tf.Tensor {
    return selectInside(inside(value), value, 1, (x) => f(quotient(x, this.scale)), other);
  }
}

const isPositive = /* @__PURE__ */ constant((x) => tf.greater(x!, 0));
const isNonnegative = /* @__PURE__ */ constant((x) => tf.greaterEqual(x!, 0));

const density = (z: tf.Tensor) => tf.exp(tf.neg(tf.add(tf.mul(0.5, tf.square(z)), HALF_LOG_HALF_PI)));
const cdf = /* @__PURE__ */ hostUnary((z) => erf(z * Math.SQRT1_2), density);
const logCdf = /* @__PURE__ */ hostUnary(
  (z) => (z < 1 ? Math.log(erf(z * Math.SQRT1_2)) : Math.log1p(-erfc(z * Math.SQRT1_2))),
  (z) => tf.div(density(z), cdf(z)),
);
