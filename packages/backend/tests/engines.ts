import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../src/index.ts';

export interface Plain {
  shape: number[];
  dtype: string;
  values: number[];
}

/** The engine that 'cpu' stands for here: PROJ_ENGINE puts another in its place. */
export const REFERENCE: string = globalThis.process?.env?.PROJ_ENGINE ?? 'cpu';

/** Starts both engines and lets tfjs check every kernel for data that it forgets to dispose. */
export async function startEngines(): Promise<void> {
  await useEngine('cpu');
  await useEngine('wasm');
  tf.env().set('IS_TEST', true);
}

/** What `f` returns on an engine. Throws if `f` leaves a tensor behind. */
export async function on(engine: string, f: () => tf.Tensor): Promise<Plain> {
  await tf.setBackend(engine);
  const { numTensors, numDataBuffers } = tf.memory();
  const result = tf.tidy(f);
  const plain = { shape: result.shape, dtype: result.dtype, values: Array.from(result.dataSync()) };
  result.dispose();
  const after = tf.memory();
  const left = [after.numTensors - numTensors, after.numDataBuffers - numDataBuffers];
  if (left.some((n) => n !== 0)) throw new Error(`${engine}: ${left[0]} tensors and ${left[1]} buffers left behind`);
  return plain;
}

/** Numbers in [-1, 1) that depend on nothing but the seed. */
export function values(shape: number[], seed: number): tf.Tensor {
  let state = (seed >>> 0) + 1;
  const numbers = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
  return tf.tensor(numbers, shape);
}

/** The largest difference, relative to the largest magnitude of the expected values (1 at least). */
export function distance(got: readonly number[], expected: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, scale] = [0, 1];
  for (const [i, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(got[i]! - value));
    scale = Math.max(scale, Math.abs(value));
    if (Number.isNaN(got[i]! - value)) return Number.NaN;
  }
  return difference / scale;
}
