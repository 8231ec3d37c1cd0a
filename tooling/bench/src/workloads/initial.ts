import { uniform } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';

/** U(-limit, limit). */
export function uniformWeight(shape: number[], limit: number, seed: number): tf.Variable {
  const values = uniform(tf.util.sizeFromShape(shape), seed).map((u) => limit * (2 * u - 1));
  return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
}

/** U(+-sqrt(6 / (rows + columns))), arXiv section of Glorot & Bengio 2010: [rows, columns]. */
export const glorot = (rows: number, columns: number, seed: number): tf.Variable<tf.Rank.R2> =>
  uniformWeight([rows, columns], Math.sqrt(6 / (rows + columns)), seed) as tf.Variable<tf.Rank.R2>;

export const zeroWeight = (shape: number[]): tf.Variable => tf.tidy(() => tf.variable(tf.zeros(shape)));

/** How many numbers there are in the weights. */
export const countParams = (weights: Readonly<Record<string, tf.Variable>>): number =>
  Object.values(weights).reduce((sum, { size }) => sum + size, 0);
