import * as tf from '@tensorflow/tfjs-core';
import { nonnegative, positive } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { differentiable } from './internal/differentiable.ts';
import { quotient } from './internal/quotient.ts';
import { selectInside } from './internal/select.ts';
import { expm1, log1mexp, log1p } from './math.ts';
import { standardExponential } from './standard.ts';

/** Exponential distribution: density rate exp(-rate x) from x = 0 on, mean 1 / rate. */
export class Exponential extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = nonnegative;
  readonly rate = this.parameters.rate!;

  constructor(rate: Value, options?: DistributionOptions) {
    super('Exponential', { rate: [rate, positive] }, options);
  }

  /** `eps / rate`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return quotient(standardExponential([...sampleShape, ...this.batchShape], seed), this.rate);
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return this.atDecay(value, (t) => tf.sub(tf.log(this.rate), t), -Infinity);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.atDecay(value, (t) => tf.neg(expm1(tf.neg(t))), 0);
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return this.atDecay(value, log1mexp, -Infinity, isPositive);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.atDecay(value, (t) => tf.exp(tf.neg(t)), 1);
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return this.atDecay(value, tf.neg, 0);
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return quotient(standardQuantile(p), this.rate);
  }

  /** 1 / rate. */
  protected override _mean(): tf.Tensor {
    return quotient(tf.onesLike(this.rate), this.rate);
  }

  protected override _stddev(): tf.Tensor {
    return this._mean();
  }

  protected override _mode(): tf.Tensor {
    return tf.zerosLike(this.rate);
  }

  /** 1 - log rate. */
  protected override _entropy(): tf.Tensor {
    return tf.sub(1, tf.log(this.rate));
  }

  /** With r = rate_q / rate: r - 1 - log r. */
  protected override _klDivergence({ rate }: Exponential): tf.Tensor {
    const ratio = quotient(rate, this.rate);
    return tf.sub(tf.sub(ratio, 1), tf.log(ratio));
  }

  /** `f` of rate * value where that is `inside`, else `other`. */
  private atDecay(
    value: tf.Tensor,
    f: (t: tf.Tensor) => tf.Tensor,
    other: number,
    inside: (x: tf.Tensor) => tf.Tensor = isNonnegative,
  ): tf.Tensor {
    return selectInside(inside(value), value, 1, (x) => f(tf.mul(this.rate, x)), other);
  }
}

const isPositive = /* @__PURE__ */ constant((x) => tf.greater(x!, 0));
const isNonnegative = /* @__PURE__ */ constant((x) => tf.greaterEqual(x!, 0));

/** -log(1 - p), whose end p = 1 has the slope of Infinity. */
const standardQuantile = /* @__PURE__ */ differentiable(
  (p) => tf.neg(log1p(tf.neg(p))),
  (p) => tf.reciprocal(tf.sub(1, p)),
);
