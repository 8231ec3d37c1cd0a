import { normal } from '@proj/distributions/random';
import { Adam, AdamW } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Variant } from '../measure.ts';

/** Weights of the recipe LSTM of W2: table, LSTM, Dense; 2,407,248 numbers. */
const SHAPES = [[10_000, 100], [100, 512], [128, 512], [512], [128, 10_000], [10_000]];
const RATE = 1e-4;

/** One call of an optimiser for all weights, the gradients given. */
export async function* optim(): AsyncGenerator<Variant> {
  const weights: Record<string, tf.Variable> = {};
  const gradients: Record<string, tf.Tensor> = {};
  let amount = 0;
  for (const [i, shape] of SHAPES.entries()) {
    const size = tf.util.sizeFromShape(shape);
    const value = tf.tensor(normal(size, i), shape);
    weights[i] = tf.variable(value);
    value.dispose();
    gradients[i] = tf.tensor(normal(size, 100 + i), shape);
    amount += size;
  }
  const common = { amount, rateUnit: 'weights/s' };
  const adam = new Adam(weights);
  yield { ...common, name: 'adam', run: () => adam.update(gradients, RATE) };
  const clip = async () => void (await adam.clippedUpdate(gradients, RATE, 1));
  yield { ...common, name: 'adam clipped', run: clip, dispose: () => adam.dispose() };
  const adamW = new AdamW(weights);
  yield {
    ...common,
    name: 'adamw',
    run: () => adamW.update(gradients, RATE),
    dispose() {
      adamW.dispose();
      tf.dispose([weights, gradients]);
    },
  };
}
