import type * as tf from '@tensorflow/tfjs-core';
import type { LayerSpec } from '../internal/weights.ts';

/** The two functions a Vae learns. The variables are made from `specs` and handed to `bind`. */
export interface NetworkPlan {
  readonly specs: readonly LayerSpec[];
  bind(weights: Readonly<Record<string, tf.Variable>>): Network;
}

export interface Network {
  /** [B, D] -> mean and unbounded log-variance of the posterior, each [B, Z]. */
  encode(x: tf.Tensor2D): { loc: tf.Tensor2D; rawLogVariance: tf.Tensor2D };
  /** [R, Z] -> [R, D], logits or means of the pixels. */
  decode(z: tf.Tensor2D): tf.Tensor2D;
}
