import * as tf from '@tensorflow/tfjs-core';
import { positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { differentiable } from './internal/differentiable.ts';
import { quotient } from './internal/quotient.ts';
import { expm1, log1p } from './math.ts';
import { splitSeed } from './random.ts';
import { standardExponential, standardUniform } from './standard.ts';

/** Laplace distribution: density exp(-|x - loc| / scale) / (2 scale). */
export class Laplace extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = real;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;

  /** @throws RangeError if the parameters' shapes do not broadcast. */
  constructor(loc: Value, scale: Value, options?: DistributionOptions) {
    super('Laplace', { loc: [loc, real], scale: [scale, positive] }, options);
  }

  /** `loc + scale * eps`, eps an exponential draw of random sign. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const shape = [...sampleShape, ...this.batchShape];
    const [ofSize, ofSign] = splitSeed(seed);
    const sign = tf.sign(tf.sub(standardUniform(shape, ofSign), 0.5)); // a uniform draw is never 1/2
    return tf.add(this.loc, tf.mul(this.scale, tf.mul(standardExponential(shape, ofSize), sign)));
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(tf.abs(this.standardize(value)), tf.add(tf.log(this.scale), Math.LN2)));
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

  protected override _mean(): tf.Tensor {
    return this.loc;
  }

  protected override _stddev(): tf.Tensor {
    return tf.mul(this.scale, Math.SQRT2);
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  /** 1 + log(2 scale). */
  protected override _entropy(): tf.Tensor {
    return tf.add(tf.log(this.scale), 1 + Math.LN2);
  }

  /** With s = scale / scale_q and d = |loc - loc_q| / scale: s (d + exp(-d)) - 1 - log s. */
  protected override _klDivergence({ loc, scale }: Laplace): tf.Tensor {
    const ratio = quotient(this.scale, scale);
    const excess = expectedDistance(quotient(tf.sub(this.loc, loc), this.scale));
    return tf.sub(tf.add(tf.mul(ratio, excess), tf.sub(ratio, 1)), tf.log(ratio));
  }

  private standardize(value: tf.Tensor): tf.Tensor {
    return quotient(tf.sub(value, this.loc), this.scale);
  }
}

const below = (z: tf.Tensor) => tf.minimum(z, 0);
const above = (z: tf.Tensor) => tf.maximum(z, 0);

const cdf = /* @__PURE__ */ differentiable(
  (z) => tf.mul(0.5, tf.sub(tf.exp(below(z)), expm1(tf.neg(above(z))))),
  (z) => tf.mul(0.5, tf.exp(tf.neg(tf.abs(z)))),
);

const logCdf = /* @__PURE__ */ differentiable(
  (z) => tf.add(below(z), log1p(tf.mul(-0.5, tf.exp(tf.neg(above(z)))))),
  (z) => {
    const density = tf.mul(0.5, tf.exp(tf.neg(above(z)))); // over exp(below(z)), as is the cdf
    return tf.div(density, tf.sub(1, tf.mul(0.5, tf.exp(tf.neg(above(z))))));
  },
);

const quantile = /* @__PURE__ */ differentiable(
  (p) => tf.mul(tf.sign(tf.sub(0.5, p)), tf.log(tf.mul(2, smallerTail(p)))),
  (p) => tf.reciprocal(smallerTail(p)),
);

const smallerTail = (p: tf.Tensor) => tf.minimum(p, tf.sub(1, p));

/** E|x - y| - 1 for a standard Laplace x and y at a distance of d: |d| + exp(-|d|) - 1. */
const expectedDistance = /* @__PURE__ */ differentiable(
  (d) => tf.add(tf.abs(d), expm1(tf.neg(tf.abs(d)))),
  (d) => tf.mul(tf.sign(d), tf.neg(expm1(tf.neg(tf.abs(d))))),
);
