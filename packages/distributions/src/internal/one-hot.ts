import * as tf from '@tensorflow/tfjs-core';
import { oneHot, realVector } from '../constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from '../distribution.ts';
import { drawClasses, entropyOf, klOf, likeliest, logProbs, oneHotOf, variances, zeroAt } from './classes.ts';
import { constant } from './constant.ts';

/** What the two families of one-hot vectors [K] share: all but how gradients pass a draw. */
export abstract class OneHot extends ParametricDistribution<[number]> {
  readonly logits = this.parameters.logits!;
  readonly eventShape: [number] = [this.logits.shape.at(-1)!];
  readonly support = oneHot;

  constructor(name: string, logits: Value, options?: DistributionOptions) {
    super(name, { logits: [logits, realVector] }, options);
  }

  protected get logP(): tf.Tensor {
    return logProbs(this.logits);
  }

  /** One-hot draws; gradients end here. */
  protected draw(sampleShape: Shape, seed: number): tf.Tensor {
    const { logits } = this;
    return constant((t) => oneHotOf(drawClasses(t, sampleShape, seed), this.eventShape[0]))(logits);
  }

  /** value . log p, linear in the value. */
  protected _logProb(value: tf.Tensor): tf.Tensor {
    const { logP } = this;
    const skipped = constant((x, l) => tf.logicalAnd(tf.equal(x, 0), tf.equal(l, -Infinity)))(value, logP);
    const chosen = tf.sum(tf.mul(value, zeroAt(skipped, logP)), -1);
    const inside = constant((x) => oneHot.check(x))(value);
    return tf.where(inside, chosen, tf.fill(chosen.shape, -Infinity));
  }

  /** The probabilities. */
  protected override _mean(): tf.Tensor {
    return tf.exp(this.logP);
  }

  protected override _variance(): tf.Tensor {
    return variances(this.logP);
  }

  /** diag(p) - p p^T. */
  protected override _covariance(): tf.Tensor {
    const { logP } = this;
    const p = tf.exp(logP);
    const eye = tf.eye(this.eventShape[0]);
    const outer = tf.mul(tf.expandDims(p, -1), tf.expandDims(p, -2));
    return tf.sub(tf.mul(tf.expandDims(variances(logP), -1), eye), tf.mul(outer, tf.sub(1, eye)));
  }

  /** 1 at the likeliest class, the first of several. */
  protected override _mode(): tf.Tensor {
    return oneHotOf(likeliest(this.logits), this.eventShape[0]);
  }

  /** From 0 to log K. */
  protected override _entropy(): tf.Tensor {
    return entropyOf(this.logP);
  }

  protected override _klDivergence({ logits }: this): tf.Tensor {
    return klOf(this.logP, logProbs(logits));
  }
}
