import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { listEngines, useEngine } from '../src/index.ts';
import { distance, on, type Plain } from './engines.ts';

const node = (await listEngines()).find(({ name }) => name === 'node')!;

/** For the name of a test that needs tfjs-node: why it is skipped, or nothing. */
export const skipped = node.available ? '' : ` (skipped: ${node.reason})`;

/** Starts tfjs-node, and the CPU engine itself even where PROJ_ENGINE puts another in its place. */
export async function startNative(): Promise<void> {
  await useEngine('cpu');
  await useEngine('node');
  tf.env().set('IS_TEST', true);
}

/** What `f` gives on an engine itself. Throws if `f` leaves a tensor behind. */
export async function onItself(engine: 'cpu' | 'tensorflow', f: () => tf.Tensor): Promise<Plain> {
  const current = tf.engine();
  const replaced = current.setBackend;
  current.setBackend = Object.getPrototypeOf(current).setBackend;
  try {
    return await on(engine, f);
  } finally {
    current.setBackend = replaced;
  }
}

/** Holds tfjs-node to the CPU engine: shape, type and, to 1e-5 of the largest, values. NaN is NaN, infinity itself. */
export async function asOnCpu(f: () => tf.Tensor): Promise<void> {
  const [got, expected] = [await onItself('tensorflow', f), await onItself('cpu', f)];
  expect([got.shape, got.dtype]).toEqual([expected.shape, expected.dtype]);
  const finite = (x: number, i: number) =>
    Object.is(got.values[i], expected.values[i]) && !Number.isFinite(x) ? 0 : x;
  expect(distance(got.values.map(finite), expected.values.map(finite))).toBeLessThan(1e-5);
}
