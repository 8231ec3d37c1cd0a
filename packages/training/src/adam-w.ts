import type * as tf from '@tensorflow/tfjs-core';
import { Adam, type AdamOptions } from './adam.ts';

export interface AdamWOptions extends AdamOptions {
  /** Share of a weight that a step of learning rate 1 takes off, 0 or more. Default 0.01. */
  weightDecay?: number;
  /** Which weights decay. Default: those of two axes or more, so that biases, gains and shifts don't. */
  decays?: (name: string, weight: tf.Variable) => boolean;
}

/**
 * Adam with decoupled weight decay: besides Adam's step, and not scaled by its moments, w <- w - learningRate weightDecay w.
 *
 * Source: Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2, the decay times the learning rate as in PyTorch and Keras. Of these two
 * only the default differs that says which weights decay: theirs is all. The state is that of Adam.
 */
export class AdamW extends Adam {
  /** @throws RangeError for options out of range. */
  constructor(weights: Readonly<Record<string, tf.Variable>>, options: AdamWOptions = {}) {
    const { weightDecay = 0.01, decays = (_, { rank }) => rank >= 2 } = options;
    if (!(weightDecay >= 0 && weightDecay < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`AdamW: weightDecay must be 0 or more, got ${weightDecay}. Omit it to use 0.01.`);
    }
    super(weights, options, (name, weight) => (decays(name, weight) ? weightDecay : 0));
  }
}
