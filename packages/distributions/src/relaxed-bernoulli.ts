import * as tf from '@tensorflow/tfjs-core';
import { openUnitInterval, positive, real } from './constraint.ts';
import {
  type DistributionOptions,
  ParametricDistribution,
  type SampleAndLogProb,
  type Shape,
  type Value,
} from './distribution.ts';
import { constant } from './internal/constant.ts';
import { BELOW_ONE, SMALLEST } from './internal/float32.ts';
import { within } from './internal/within.ts';
import { softplus } from './math/softplus.ts';
import { standardLogistic } from './standard.ts';

/**
 * Relaxation of Bernoulli to the interval (0, 1): sigmoid((logits + logistic noise) / temperature). Temperature 0 would
 * be 0 or 1, Infinity 1/2; gradients pass through draws to both parameters.
 *
 * Draws keep to [2^-126, 1 - 2^-24]. sampleAndLogProb has the density of the draw before that.
 * Source: Maddison, Mnih & Teh 2017, arXiv:1611.00712 (BinConcrete).
 */
export class RelaxedBernoulli extends ParametricDistribution<[]> {
  readonly eventShape: [] = [];
  readonly reparameterized = true;
  readonly support = openUnitInterval;
  readonly temperature = this.parameters.temperature!;
  readonly logits = this.parameters.logits!;

  constructor(temperature: Value, logits: Value, options?: DistributionOptions) {
    super('RelaxedBernoulli', { temperature: [temperature, positive], logits: [logits, real] }, options);
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return clip(tf.sigmoid(this.drawLogit(sampleShape, seed)));
  }

  protected override _sampleAndLogProb(sampleShape: Shape, seed: number): SampleAndLogProb {
    const y = this.drawLogit(sampleShape, seed);
    return { sample: clip(tf.sigmoid(y)), logProb: this.logProbAt(y) };
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return within(openUnitInterval, value, (x) => this.logProbAt(logitOf(x)));
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return tf.sigmoid(this.standardize(value));
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return tf.neg(softplus(tf.neg(this.standardize(value))));
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return tf.sigmoid(tf.neg(this.standardize(value)));
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return tf.neg(softplus(this.standardize(value)));
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor {
    return tf.sigmoid(tf.div(tf.add(logitOf(p), this.logits), this.temperature));
  }

  private drawLogit(sampleShape: Shape, seed: number): tf.Tensor {
    const noise = standardLogistic([...sampleShape, ...this.batchShape], seed);
    return tf.div(tf.add(this.logits, noise), this.temperature);
  }

  /** Density of x at y = log(x / (1 - x)), which is Logistic(logits / temperature, 1 / temperature). */
  private logProbAt(y: tf.Tensor): tf.Tensor {
    const z = tf.sub(tf.mul(this.temperature, y), this.logits);
    return tf.add(tf.log(this.temperature), tf.sub(twoSided(y), twoSided(z)));
  }

  /** temperature * logit(x) - logits, a standard logistic; infinite from 0 down and from 1 up. */
  private standardize(value: tf.Tensor): tf.Tensor {
    const inside = constant((x) => openUnitInterval.check(x))(value);
    const y = logitOf(tf.where(inside, value, tf.fill(value.shape, 0.5)));
    const z = tf.sub(tf.mul(this.temperature, y), this.logits);
    const end = constant((x) => tf.mul(tf.sub(tf.mul(2, tf.step(x)), 1), Infinity))(value);
    return tf.where(inside, z, tf.mul(end, tf.ones(z.shape)));
  }
}

/** softplus(t) + softplus(-t): minus the log density of the standard logistic. */
const twoSided = (t: tf.Tensor): tf.Tensor => tf.add(softplus(t), softplus(tf.neg(t)));

const logitOf = (p: tf.Tensor): tf.Tensor => tf.sub(tf.log(p), tf.log(tf.sub(1, p)));

const clip = (x: tf.Tensor): tf.Tensor => tf.clipByValue(x, SMALLEST, BELOW_ONE);
