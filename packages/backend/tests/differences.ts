import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { on, values } from './engines.ts';

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/**
 * How far the gradients of sum(weights * op(inputs)) are from central differences, at up to 10 places of each input, relative
 * to 1 + the difference. Central differences of any step are exact where op is a polynomial of degree 2 at most in each
 * single number, or where the step stays within one linear piece: then only float32 rounding is left.
 */
export function gradientError(op: Op, inputs: tf.Tensor[], step = 1): number {
  const weights = values(op(...inputs).shape, 77);
  const f = (...args: tf.Tensor[]) => tf.sum(tf.mul(op(...args), weights)) as tf.Scalar;
  const slopes = tf.grads(f)(inputs);
  let worst = 0;
  for (const [i, input] of inputs.entries()) {
    expect(slopes[i]!.shape).toEqual(input.shape);
    const slope = slopes[i]!.dataSync();
    const stride = Math.max(1, Math.floor(input.size / 10));
    for (let at = 0; at < input.size; at += stride) {
      const [up, down] = [step, -step].map((move) => {
        const data = input.dataSync().slice();
        data[at] = data[at]! + move;
        return f(...inputs.map((t, j) => (i === j ? tf.tensor(data, t.shape) : t))).dataSync()[0]!;
      });
      const difference = (up! - down!) / (2 * step);
      const error = Math.abs(slope[at]! - difference) / (1 + Math.abs(difference));
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

/** Holds the gradients of `op` to differences on both engines, for inputs of these shapes. */
export async function holds(op: Op, shapes: number[][], { step = 1, make = values } = {}): Promise<void> {
  for (const engine of ['cpu', 'wasm'] as const) {
    const error = await on(engine, () =>
      tf.scalar(
        gradientError(
          op,
          shapes.map((shape, i) => make(shape, i + 1)),
          step,
        ),
      ),
    );
    if (!(error.values[0]! < 1e-4))
      throw new Error(`${engine}: off by ${error.values[0]} for ${JSON.stringify(shapes)}`);
  }
}

/** Numbers around 0 that differ by 1 at least, in an order that depends on nothing but the seed. */
export function distinct(shape: number[], seed: number): tf.Tensor {
  const order = values(shape, seed).dataSync();
  const ranks = new Float32Array(order.length);
  const places = [...order.keys()].sort((a, b) => order[a]! - order[b]!);
  for (const [rank, place] of places.entries()) ranks[place] = rank - order.length;
  return tf.tensor(ranks, shape);
}

/** On WebGPU each new rank and pattern is a shader to compile: fewer cases. */
const share = process.env.PROJ_ENGINE === 'webgpu' ? 0.2 : 1;

/** For any case of an arbitrary; 30 by default. */
export const always = <T>(cases: fc.Arbitrary<T>, test: (c: T) => Promise<void>, numRuns = 30) =>
  fc.assert(fc.asyncProperty(cases, test), { seed: 1, numRuns: Math.ceil(numRuns * share) });

export const shapeOf = (minLength: number, maxLength: number, max = 4) =>
  fc.array(fc.integer({ min: 1, max }), { minLength, maxLength });

/** An int32 tensor, and so no constant of a test's data. */
export const ints = (data: number[], shape: number[]): tf.Tensor => tf.tensor(Int32Array.from(data), shape, 'int32');
