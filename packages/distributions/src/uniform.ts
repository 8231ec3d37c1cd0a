import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, greaterThan, interval, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { quotient } from './internal/quotient.ts';
import { select, selectInside } from './internal/select.ts';
import { log1p } from './math.ts';
import { standardUniform } from './standard.ts';

/** Uniform distribution from `low` to `high`: its density holds at both of them. */
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

  /** The quantile of draws from (0, 1). */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this._quantile(standardUniform([...sampleShape, ...this.batchShape], seed));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    const inside = isInside(value, this.low, this.high);
    return tf.add(select(inside, tf.neg(tf.log(this.range())), -Infinity), zeros(value));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    const share = (x: tf.Tensor) => quotient(tf.sub(x, this.low), this.range());
    return tf.add(this.between(value, this.low, share), isAbove(value, this.high));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    const { low, high } = this;
    const logShare = (x: tf.Tensor) => tf.neg(log1p(quotient(tf.sub(high, x), tf.sub(x, low))));
    return tf.add(selectInside(isInsideAboveLow(value, low, high), value, high, logShare, 0), logOfIsAbove(value, low));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    const share = (x: tf.Tensor) => quotient(tf.sub(this.high, x), this.range());
    return tf.add(this.between(value, this.high, share), isAbove(this.low, value));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    const { low, high } = this;
    const logShare = (x: tf.Tensor) => tf.neg(log1p(quotient(tf.sub(x, low), tf.sub(high, x))));
    return tf.add(
      selectInside(isInsideBelowHigh(value, low, high), value, low, logShare, 0),
      logOfIsAbove(high, value),
    );
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    const x = tf.add(this.low, tf.mul(p, this.range()));
    return select(isGreater(x, this.high), this.high, x); // rounding may pass high
  }

  protected override _mean(): tf.Tensor {
    return tf.add(tf.mul(0.5, this.low), tf.mul(0.5, this.high));
  }

  protected override _stddev(): tf.Tensor {
    return tf.mul(this.range(), Math.sqrt(1 / 12));
  }

  /** log(high - low). */
  protected override _entropy(): tf.Tensor {
    return tf.log(this.range());
  }

  /**
   * The log of the ratio of the ranges; Infinity if `other` does not cover this. Where ends coincide, KL has a slope towards
   * one side and is infinite on the other: the gradient there is 0, as at any minimum.
   */
  protected override _klDivergence({ low, high }: Uniform): tf.Tensor {
    const excess = tf.add(tf.relu(tf.sub(this.low, low)), tf.relu(tf.sub(high, this.high)));
    const covered = covers(low, high, this.low, this.high);
    return select(covered, log1p(quotient(excess, this.range())), Infinity);
  }

  private range(): tf.Tensor {
    return tf.sub(this.high, this.low);
  }

  private between(value: tf.Tensor, safe: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
    return selectInside(isInside(value, this.low, this.high), value, safe, f, 0);
  }
}

/** Zeros through which a gradient, of 0, finds its way to x. */
const zeros = /* @__PURE__ */ constant((x) => tf.zerosLike(x!));
const isInside = /* @__PURE__ */ constant((x, low, high) =>
  tf.logicalAnd(tf.greaterEqual(x!, low!), tf.lessEqual(x!, high!)),
);
const isInsideAboveLow = /* @__PURE__ */ constant((x, low, high) =>
  tf.logicalAnd(tf.greater(x!, low!), tf.lessEqual(x!, high!)),
);
const isInsideBelowHigh = /* @__PURE__ */ constant((x, low, high) =>
  tf.logicalAnd(tf.greaterEqual(x!, low!), tf.less(x!, high!)),
);
const covers = /* @__PURE__ */ constant((low, high, a, b) =>
  tf.logicalAnd(tf.lessEqual(low!, a!), tf.greaterEqual(high!, b!)),
);
const isGreater = /* @__PURE__ */ constant((x, bound) => tf.greater(x!, bound!));
/** 1 where x > bound, else 0. */
const isAbove = /* @__PURE__ */ constant((x, bound) => tf.cast(tf.greater(x!, bound!), 'float32'));
/** 0 where x > bound, else -Infinity. */
const logOfIsAbove = /* @__PURE__ */ constant((x, bound) => tf.log(tf.cast(tf.greater(x!, bound!), 'float32')));
