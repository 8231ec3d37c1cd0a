import * as tf from '@tensorflow/tfjs-core';
import { positive, realVector } from '../constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from '../distribution.ts';
import { standardGumbel } from '../standard.ts';
import { logProbs } from './classes.ts';

/** What the relaxed one-hot families share: draws and density in log space. */
export abstract class Relaxed extends ParametricDistribution<[number]> {
  readonly reparameterized = true;
  readonly temperature = this.parameters.temperature!;
  readonly logits = this.parameters.logits!;
  readonly eventShape: [number] = [this.logits.shape.at(-1)!];

  constructor(name: string, temperature: Value, logits: Value, options?: DistributionOptions) {
    super(name, { temperature: [temperature, positive], logits: [logits, realVector] }, options);
  }

  /** log softmax((logits + Gumbel noise) / temperature). */
  protected drawLog(sampleShape: Shape, seed: number): tf.Tensor {
    const noise = standardGumbel([...sampleShape, ...this.batchShape, ...this.eventShape], seed);
    return logProbs(tf.div(tf.add(this.logits, noise), this.tau));
  }

  /**
   * Density of log x on its surface, at y = log x: Gamma(K) tau^(K - 1) prod_k softmax(logits - tau y)_k.
   * Source: Maddison, Mnih & Teh 2017, arXiv:1611.00712, equation 22 in another form.
   */
  protected logProbOfLog(y: tf.Tensor): tf.Tensor {
    const [k] = this.eventShape;
    const terms = tf.sum(logProbs(tf.sub(this.logits, tf.mul(this.tau, y))), -1);
    let logGamma = 0;
    for (let i = 2; i < k; i++) logGamma += Math.log(i);
    return tf.add(terms, tf.add(tf.mul(k - 1, tf.log(this.temperature)), logGamma));
  }

  /** The temperature, to broadcast against the classes. */
  private get tau(): tf.Tensor {
    return tf.expandDims(this.temperature, -1);
  }
}
