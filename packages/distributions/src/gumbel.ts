import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { differentiable } from './internal/differentiable.ts';
import { quotient } from './internal/quotient.ts';
import { expm1, lgamma, log1mexp } from './math.ts';
import { standardGumbel } from './standard.ts';

const EULER_GAMMA = 0.5772156649015329;

/** Gumbel distribution, of maxima: cdf exp(-exp(-(x - loc) / scale)). */
export class Gumbel extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = real;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, options?: DistributionOptions) {
    super('Gumbel', { loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `loc + scale * eps`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const eps = standardGumbel([...sampleShape, ...this.batchShape], seed);
    return tf.add(this.loc, tf.mul(this.scale, eps));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return tf.sub(logDensity(this.standardize(value)), tf.log(this.scale));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return cdf(this.standardize(value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return tf.neg(tf.exp(tf.neg(this.standardize(value))));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return survival(this.standardize(value));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return logSurvival(this.standardize(value));
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.add(this.loc, tf.mul(this.scale, quantile(p)));
  }

  protected override _mean(): tf.Tensor {
    return tf.add(this.loc, tf.mul(this.scale, EULER_GAMMA));
  }

  protected override _stddev(): tf.Tensor {
    return tf.mul(this.scale, Math.PI / Math.sqrt(6));
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  /** log scale + Euler's gamma + 1. */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.log(this.scale), EULER_GAMMA + 1);
  }

  /**
   * With s = scale / scale_q and d = (loc - loc_q) / scale_q: -log s + gamma (s - 1) + d - 1 + exp(-d + lgamma(1 + s)).
   * Source: Bauckhage 2014, arXiv:1407.6855.
   */
  protected override _klDivergence({ loc, scale }: Gumbel): tf.Tensor {
    const ratio = quotient(this.scale, scale);
    const shift = quotient(tf.sub(this.loc, loc), scale);
    const linear = tf.add(tf.sub(tf.mul(EULER_GAMMA, tf.sub(ratio, 1)), tf.log(ratio)), shift);
    return tf.add(linear, expm1(tf.sub(lgamma(tf.add(ratio, 1)), shift)));
  }

  private standardize(value: tf.Tensor): tf.Tensor {
    return quotient(tf.sub(value, this.loc), this.scale);
  }
}

/** exp(-z), which is also -log cdf. */
const decay = (z: tf.Tensor) => tf.exp(tf.neg(z));
const LEAST = -1e38; // z + exp(-z) must not be -Infinity + Infinity

/** -z - exp(-z). */
const logDensity = /* @__PURE__ */ differentiable(
  (z) => tf.neg(tf.add(tf.maximum(z, LEAST), decay(z))),
  (z) => tf.sub(decay(z), 1),
);

const density = (z: tf.Tensor) => tf.exp(logDensity(z));
const cdf = /* @__PURE__ */ differentiable((z) => tf.exp(tf.neg(decay(z))), density);
const survival = /* @__PURE__ */ differentiable(
  (z) => tf.neg(expm1(tf.neg(decay(z)))),
  (z) => tf.neg(density(z)),
);

/** log(1 - exp(-t)), t = exp(-z); for small t it is -z - t / 2, where t itself may be 0. */
const logSurvival = /* @__PURE__ */ differentiable(
  (z) => tf.where(tf.greater(z, 10), tf.neg(tf.add(z, tf.mul(0.5, decay(z)))), log1mexp(decay(z))),
  (z) => {
    const t = decay(z);
    const small = tf.sub(tf.mul(0.5, t), 1);
    return tf.where(tf.greater(z, 10), small, tf.neg(tf.div(tf.minimum(t, 1e30), expm1(t))));
  },
);

/** -log(-log p). */
const quantile = /* @__PURE__ */ differentiable(
  (p) => tf.neg(tf.log(tf.neg(tf.log(p)))),
  (p) => tf.neg(tf.reciprocal(tf.mul(p, tf.log(tf.maximum(p, 1e-38))))), // Infinity at 0
);
