import type * as tf from '@tensorflow/tfjs-core';

/** What `fit` needs of a model: a scalar to minimise, and its weights by stable names. */
export interface TrainableModel<B> {
  /**
   * Mean loss of the batch; the same seed draws the same random numbers. `step` counts the steps made before, for what follows a
   * schedule. The caller disposes the scalar.
   */
  loss(batch: B, seed: number, step: number): tf.Scalar;
  /** float32 variables by names that stay the same from run to run: checkpoints are keyed by them. */
  readonly weights: Readonly<Record<string, tf.Variable>>;
}
