import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, equalTo, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { expand } from './internal/expand.ts';

/** The sure outcome `loc`: its probability, not density, is 1. Draws and moments pass gradients to loc, probabilities do not. */
export class Deterministic extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly loc = this.parameters.loc!;
  readonly support: Constraint = equalTo(this.loc);

  constructor(loc: Value, options?: DistributionOptions) {
    super('Deterministic', { loc: [loc, real] }, options);
  }

  /** `loc`, as often as asked. */
  protected _sample(sampleShape: Shape): tf.Tensor {
    return expand(this.loc, [...sampleShape, ...this.batchShape]);
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return tf.log(isEqual(value, this.loc));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return isAtLeast(value, this.loc);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return tf.sub(1, isAtLeast(value, this.loc));
  }

  /** `loc` at every p. */
  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.add(this.loc, zeros(p));
  }

  protected override _mean(): tf.Tensor {
    return this.loc;
  }

  protected override _stddev(): tf.Tensor {
    return tf.zerosLike(this.loc);
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  protected override _entropy(): tf.Tensor {
    return tf.zerosLike(this.loc);
  }

  /** 0 if the outcomes are equal, else Infinity. */
  protected override _klDivergence({ loc }: Deterministic): tf.Tensor {
    return tf.sub(0, tf.log(isEqual(this.loc, loc)));
  }
}

/** Zeros through which a gradient, of 0, finds its way to x. */
const zeros = /* @__PURE__ */ constant((x) => tf.zerosLike(x!));
const isEqual = /* @__PURE__ */ constant((x, y) => tf.cast(tf.equal(x!, y!), 'float32'));
const isAtLeast = /* @__PURE__ */ constant((x, y) => tf.cast(tf.greaterEqual(x!, y!), 'float32'));
