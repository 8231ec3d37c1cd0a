import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { differentiable } from './internal/differentiable.ts';
import { quotient } from './internal/quotient.ts';
import { log1p, softplus } from './math.ts';
import { standardLogistic } from './standard.ts';

/** Logistic distribution: cdf sigmoid((x - loc) / scale); its standard deviation is scale pi / sqrt 3. */
export class Logistic extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = real;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, options?: DistributionOptions) {
    super('Logistic', { loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `loc + scale * eps`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const eps = standardLogistic([...sampleShape, ...this.batchShape], seed);
    return tf.add(this.loc, tf.mul(this.scale, eps));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return tf.sub(logDensity(this.standardize(value)), tf.log(this.scale));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return sigmoid(this.standardize(value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return tf.neg(softplus(tf.neg(this.standardize(value))));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return sigmoid(tf.neg(this.standardize(value)));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return tf.neg(softplus(this.standardize(value)));
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.add(this.loc, tf.mul(this.scale, logit(p)));
  }

  protected override _mean(): tf.Tensor {
    return this.loc;
  }

  protected override _stddev(): tf.Tensor {
    return tf.mul(this.scale, Math.PI / Math.sqrt(3));
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  /** log scale + 2. */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.log(this.scale), 2);
  }

  private standardize(value: tf.Tensor): tf.Tensor {
    return quotient(tf.sub(value, this.loc), this.scale);
  }
}

/** -|z| - 2 log(1 + exp(-|z|)). */
const logDensity = /* @__PURE__ */ differentiable(
  (z) => tf.neg(tf.add(tf.abs(z), tf.mul(2, log1p(tf.exp(tf.neg(tf.abs(z))))))),
  (z) => tf.neg(tf.tanh(tf.mul(0.5, z))),
);

/** tf.sigmoid, whose own gradient y (1 - y) is 0 from z = 17 on. */
const sigmoid = /* @__PURE__ */ differentiable(tf.sigmoid, (z) => tf.mul(tf.sigmoid(z), tf.sigmoid(tf.neg(z))));

/** log(p / (1 - p)), exact at 1/2 too. */
const logit = /* @__PURE__ */ differentiable(
  (p) => {
    const odds = tf.div(tf.abs(tf.sub(tf.mul(2, p), 1)), tf.minimum(p, tf.sub(1, p)));
    return tf.mul(tf.sign(tf.sub(p, 0.5)), log1p(odds));
  },
  (p) => tf.reciprocal(tf.mul(p, tf.sub(1, p))),
);
