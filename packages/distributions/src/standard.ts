import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from './distribution.ts';
import { exponential, gumbel, logistic, normal, uniform } from './random.ts';

type Draw = (count: number, seed: number) => Float32Array;

/** For a call without a seed. */
export const freshSeed = (): number => Math.floor(Math.random() * 2 ** 53);

const draw = (from: Draw, shape: Shape, seed = freshSeed()): tf.Tensor =>
  tf.tensor(from(tf.util.sizeFromShape(shape), seed), shape, 'float32');

/** Draws from Normal(0, 1). Same seed, same bits on every engine; no seed, fresh draws. */
export function standardNormal(shape: Shape, seed?: number): tf.Tensor {
  return draw(normal, shape, seed);
}

/** Draws from the open interval (0, 1), never 0 or 1. Same seed, same bits on every engine; no seed, fresh draws. */
export function standardUniform(shape: Shape, seed?: number): tf.Tensor {
  return draw(uniform, shape, seed);
}

/** Draws from Logistic(0, 1). Same seed, same bits on every engine; no seed, fresh draws. */
export function standardLogistic(shape: Shape, seed?: number): tf.Tensor {
  return draw(logistic, shape, seed);
}

/** Draws from Gumbel(0, 1). Same seed, same bits on every engine; no seed, fresh draws. */
export function standardGumbel(shape: Shape, seed?: number): tf.Tensor {
  return draw(gumbel, shape, seed);
}

/** Draws from Exponential(1). Same seed, same bits on every engine; no seed, fresh draws. */
export function standardExponential(shape: Shape, seed?: number): tf.Tensor {
  return draw(exponential, shape, seed);
}
