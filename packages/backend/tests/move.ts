import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { useEngine } from '../src/index.ts';
import { canRun, type WasmBuild } from '../src/wasm/build.ts';
import { wasmFallbacks } from '../src/wasm/own.ts';

/** The builds that run here. */
export const BUILDS = (['plain', 'fused'] as const).filter(canRun);

/** Starts both engines, our kernels of a build; tfjs checks every kernel for data that it forgets to dispose. */
export async function start(wasmBuild: WasmBuild): Promise<void> {
  await useEngine('cpu');
  await useEngine('wasm', { wasmBuild });
  tf.env().set('IS_TEST', true);
}

export const DTYPES = ['float32', 'int32', 'bool'] as const;
export type Dtype = (typeof DTYPES)[number];

/** An axis: empty and single ones, short ones, and some past the width of vectors and blocks. */
export const axis = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1), weight: 1 },
  { arbitrary: fc.integer({ min: 2, max: 6 }), weight: 5 },
  { arbitrary: fc.integer({ min: 7, max: 37 }), weight: 2 },
);

/** Shapes of at most 20,000 elements. */
export const shape = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(axis, { minLength, maxLength }).filter((sizes) => sizes.reduce((a, b) => a * b, 1) <= 20_000);

/** Elements by a seed: whole numbers, which sums keep exactly, and with `special` NaN, infinities and -0 among them. */
export function data(sizes: number[], dtype: Dtype, seed: number, special = true): tf.Tensor {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 12;
  };
  const numbers = Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => {
    const draw = next();
    if (dtype === 'bool') return draw & 1;
    if (dtype === 'float32' && special && draw % 7 === 0) return odd[next() & 3]!;
    return (draw % 201) - 100;
  });
  return tf.tensor(numbers, sizes, dtype);
}

type Result = { shape: number[]; dtype: string; values: ArrayLike<number> };

async function run(engine: 'wasm' | 'cpu', f: () => tf.Tensor | tf.Tensor[]): Promise<Result[]> {
  await tf.setBackend(engine);
  const { numTensors, numDataBuffers } = tf.memory();
  const results = tf.tidy(() => [f()].flat());
  const plain = results.map((t) => ({ shape: t.shape, dtype: t.dtype, values: t.dataSync() }));
  tf.dispose(results);
  const after = tf.memory();
  expect([engine, after.numTensors, after.numDataBuffers]).toEqual([engine, numTensors, numDataBuffers]);
  return plain;
}

/** Holds our kernels to the CPU engine, to the bit; tfjs's own must not have run in their place. */
export async function same(f: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  const expected = await run('cpu', f);
  const before = wasmFallbacks();
  const got = await run('wasm', f);
  expect(wasmFallbacks()).toEqual(before);
  expect(got.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [i, { values }] of expected.entries()) {
    for (let at = 0; at < values.length; at++) {
      // A million calls of expect take a second.
      if (!Object.is(got[i]!.values[at], values[at])) expect([i, at, got[i]!.values[at]]).toEqual([i, at, values[at]]);
    }
  }
}
