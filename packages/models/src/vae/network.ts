import type * as tf from '@tensorflow/tfjs-core';
import type { LayerSpec } from '../internal/weights.ts';

/** Names of a decoder's output layers: the pixels' means or logits, and what says how sure they are. */
export const OUTPUTS = ['decoder/output', 'decoder/log-scale'] as const;

/** The two functions a Vae learns. The variables are made from `specs` and handed to `bind`. */
export interface NetworkPlan {
  readonly specs: readonly LayerSpec[];
  /** F, size of the encoder's last hidden layer. */
  readonly features: number;
  bind(weights: Readonly<Record<string, tf.Variable>>): Network;
}

export interface Network {
  /** [B, D] -> the last hidden layer [B, F], and mean and unbounded log-variance of the posterior, each [B, Z]. */
  encode(x: tf.Tensor2D): Record<'features' | 'loc' | 'rawLogVariance', tf.Tensor2D>;
  /** [R, Z] -> what the likelihood is made of, one or two tensors [R, D]: see `Likelihood`. */
  decode(z: tf.Tensor2D): tf.Tensor2D[];
}
