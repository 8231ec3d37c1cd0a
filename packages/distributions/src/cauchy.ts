import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { differentiable } from './internal/differentiable.ts';
import { logHypot } from './internal/log-hypot.ts';
import { quotient } from './internal/quotient.ts';
import { log1p } from './math.ts';
import { splitSeed } from './random.ts';
import { standardNormal } from './standard.ts';

/** Cauchy distribution, of half width `scale` at half height. It has no mean and no variance. */
export class Cauchy extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = real;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, options?: DistributionOptions) {
    super('Cauchy', { loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `loc + scale * eps`, eps a ratio of two normal draws. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const shape = [...sampleShape, ...this.batchShape];
    const [a, b] = splitSeed(seed).map((child) => standardNormal(shape, child));
    return tf.add(this.loc, tf.mul(this.scale, tf.div(a!, b!))); // a normal draw is never 0
  }

  /** log scale - log pi - log((value - loc)^2 + scale^2). */
  protected _logProb(value: tf.Tensor): tf.Tensor {
    const distance = tf.mul(2, logHypot(tf.sub(value, this.loc), this.scale));
    return tf.sub(tf.sub(tf.log(this.scale), Math.log(Math.PI)), distance);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return cdf(this.standardize(value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return logCdf(this.standardize(value));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return cdf(tf.neg(this.standardize(value)));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return logCdf(tf.neg(this.standardize(value)));
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.add(this.loc, tf.mul(this.scale, quantile(p)));
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  /** log(4 pi scale). */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.log(this.scale), Math.log(4 * Math.PI));
  }

  /**
   * log(1 + ((scale - scale_q)^2 + (loc - loc_q)^2) / (4 scale scale_q)).
   * Source: Chyzak & Nielsen 2019, arXiv:1905.10965.
   */
  protected override _klDivergence({ loc, scale }: Cauchy): tf.Tensor {
    const product = (d: tf.Tensor) => tf.mul(quotient(d, this.scale), quotient(d, scale));
    const square = tf.add(product(tf.sub(this.scale, scale)), product(tf.sub(this.loc, loc)));
    return log1p(tf.mul(0.25, square));
  }

  private standardize(value: tf.Tensor): tf.Tensor {
    return quotient(tf.sub(value, this.loc), this.scale);
  }
}

/** pi times the cdf: the angle of (-z, 1), without loss in the tail below. */
const angle = (z: tf.Tensor) => tf.atan2(tf.onesLike(z), tf.neg(z));

const cdf = /* @__PURE__ */ differentiable(
  (z) => tf.div(angle(z), Math.PI),
  (z) => tf.reciprocal(tf.mul(Math.PI, tf.add(1, tf.square(z)))),
);

const logCdf = /* @__PURE__ */ differentiable(
  (z) => tf.where(tf.greater(z, 0), log1p(tf.neg(cdf(tf.neg(z)))), tf.log(cdf(z))),
  (z) => tf.reciprocal(tf.add(tf.mul(z, tf.mul(z, angle(z))), angle(z))),
);

/** tan(pi (p - 1/2)), in the tails by the smaller one. */
const quantile = /* @__PURE__ */ differentiable(
  (p) => {
    const centred = tf.sub(p, 0.5);
    const tail = tf.div(tf.sign(centred), tf.tan(tf.mul(Math.PI, smallerTail(p))));
    return tf.where(tf.greater(tf.abs(centred), 0.25), tail, tf.tan(tf.mul(Math.PI, centred)));
  },
  (p) => tf.div(Math.PI, tf.square(tf.sin(tf.mul(Math.PI, smallerTail(p))))),
);

const smallerTail = (p: tf.Tensor) => tf.minimum(p, tf.sub(1, p));
