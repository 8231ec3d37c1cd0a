import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../src/index.ts';
import { canRun, type WasmBuild } from '../src/wasm/build.ts';

/** Where a fused kernel runs: composed of operations on cpu, compiled in each build that this machine can run. */
export const PLACES: readonly string[] = ['cpu', ...(['plain', 'fused'] as WasmBuild[]).filter(canRun)];

export const startPlace = (place: string) =>
  place === 'cpu' ? useEngine('cpu') : useEngine('wasm', { wasmBuild: place as WasmBuild });

/** Tells of kernels that forget to dispose of data, and of tensors that `f` leaves behind. */
export function withoutLeaks<T>(f: () => T): T {
  tf.env().set('IS_TEST', true);
  const before = tf.memory();
  const result = f();
  const after = tf.memory();
  const left = [after.numTensors - before.numTensors, after.numDataBuffers - before.numDataBuffers];
  if (left.some((n) => n !== 0)) throw new Error(`${left[0]} tensors and ${left[1]} buffers left behind`);
  return result;
}

export const numbers = (t: tf.Tensor): number[] => Array.from(t.dataSync());

export const run = <T>(name: string, inputs: Record<string, tf.Tensor>, attrs: object = {}): T =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as T;
