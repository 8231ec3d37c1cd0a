import { normal } from '@proj/distributions/random';
import { Adam, AdamW } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { nearly, type Outcome } from './outcome.ts';

type Weights = Record<string, tf.Variable>;

const OPTIMIZERS: Record<string, { readonly make: (weights: Weights) => Adam; readonly clipNorm?: number }> = {
  Adam: { make: (weights) => new Adam(weights) },
  'Adam, clipped': { make: (weights) => new Adam(weights), clipNorm: 5 }, // norms are about 6
  'AdamW, with a large epsilon': { make: (weights) => new AdamW(weights, { weightDecay: 0.5, epsilon: 0.1 }) },
};

export const STEPS = Object.keys(OPTIMIZERS);

/** Weights and moments after ten steps on the engine in use, from the same weights along the same gradients. */
export async function tenSteps(name: string): Promise<Outcome> {
  const { make, clipNorm } = OPTIMIZERS[name]!;
  const weights = {
    kernel: tf.variable(tf.tensor2d(normal(35, 1), [5, 7])),
    bias: tf.variable(tf.tensor1d(normal(3, 2))),
  };
  const optimizer = make(weights);
  for (let step = 0; step < 10; step++) {
    const gradients = { kernel: tf.tensor2d(normal(35, 10 + step), [5, 7]), bias: tf.tensor1d(normal(3, 30 + step)) };
    if (clipNorm === undefined) optimizer.update(gradients, 0.01);
    else await optimizer.clippedUpdate(gradients, 0.01, clipNorm);
    tf.dispose(gradients);
  }
  const numbers: number[] = [];
  for (const weight of Object.values(weights)) for (const value of await weight.data()) numbers.push(value);
  for (const { data } of Object.values((await optimizer.state()).tensors))
    for (const value of data) numbers.push(value);
  optimizer.dispose();
  tf.dispose(weights);
  return nearly(numbers);
}
