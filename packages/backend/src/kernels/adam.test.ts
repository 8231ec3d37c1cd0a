import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { useEngine } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';

const builds = (['plain', 'fused'] as WasmBuild[]).filter(canRun);
const attrs = { beta1: 0.9, rate1: 0.1, beta2: 0.999, rate2: 0.001, stepSize: 0.01, epsilon: 1e-7 };

afterAll(async () => {
  await useEngine('cpu');
});

describe.each(builds)('ProjAdam, %s build', (wasmBuild) => {
  // Golden: the formula in float64. 1,027 is no multiple of the vector width.
  it.each([1, 3, 4, 1027])('is the formula, %i weights', async (size) => {
    await useEngine('wasm', { wasmBuild });
    const numbers = (scale: number, shift: number) =>
      Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i + 1) + shift);
    const [w, m, v, g] = [numbers(1, 0), numbers(0.1, 0), numbers(0.01, 0.011), numbers(0.3, 0)];
    const inputs = { weight: tf.tensor1d(w), m: tf.tensor1d(m), v: tf.tensor1d(v), gradient: tf.tensor1d(g) };
    const before = tf.memory().numTensors;
    const outputs = tf.engine().runKernel('ProjAdam', inputs, attrs) as tf.Tensor[];
    const [newW, newM, newV] = outputs.map((tensor) => tensor.dataSync());
    for (let i = 0; i < size; i++) {
      const m1 = 0.9 * m[i]! + 0.1 * g[i]!;
      const v1 = 0.999 * v[i]! + 0.001 * g[i]! ** 2;
      expect(Math.abs(newM![i]! - m1)).toBeLessThan(1e-7);
      expect(Math.abs(newV![i]! - v1)).toBeLessThan(1e-8);
      expect(Math.abs(newW![i]! - (w[i]! - (0.01 * m1) / (Math.sqrt(v1) + 1e-7)))).toBeLessThan(2e-7);
    }
    expect(inputs.weight.dataSync()).toEqual(w); // borrowed, not changed
    tf.dispose(outputs);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(inputs);
  });
});
