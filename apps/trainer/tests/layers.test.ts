import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import {
  concatElu,
  gatedResidual,
  maskedConv2d,
  shiftedConv2d,
  shiftedConv2dTranspose,
  weightNorm,
} from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';

type Run = (...inputs: tf.Tensor[]) => tf.Tensor;

const IMAGE = [3, 6, 8, 12];

/** A function, and the shapes of the inputs that it is differentiated by. */
const FUNCTIONS: Record<string, [run: Run, ...shapes: number[][]]> = {
  'maskedConv2d A': [(x, k, b) => maskedConv2d(x!, k!, b, { maskType: 'A' }), [3, 9, 8, 2], [7, 7, 2, 16], [16]],
  'maskedConv2d B': [(x, k, b) => maskedConv2d(x!, k!, b, { maskType: 'B' }), IMAGE, [3, 3, 12, 20], [20]],
  'maskedConv2d, colours': [
    (x, k, b) => maskedConv2d(x!, k!, b, { maskType: 'A', colours: 3 }),
    IMAGE,
    [3, 5, 12, 18],
    [18],
  ],
  'shiftedConv2d down': [(x, k, b) => shiftedConv2d(x!, k!, b, { direction: 'down' }), IMAGE, [2, 3, 12, 20], [20]],
  'shiftedConv2d down-right, strides 2': [
    (x, k, b) => shiftedConv2d(x!, k!, b, { direction: 'down-right', strides: 2 }),
    IMAGE,
    [2, 2, 12, 20],
    [20],
  ],
  'shiftedConv2d, shifted': [
    (x, k, b) => shiftedConv2d(x!, k!, b, { direction: 'down', shift: [1, 0] }),
    [3, 6, 8, 1],
    [2, 3, 1, 20],
    [20],
  ],
  shiftedConv2dTranspose: [
    (x, k, b) => shiftedConv2dTranspose(x!, k!, b, { direction: 'down', strides: 2 }),
    IMAGE,
    [2, 3, 20, 12],
    [20],
  ],
  weightNorm: [(v, g) => weightNorm(v!, g!), [3, 3, 12, 20], [20]],
  concatElu: [(x) => concatElu(x!), IMAGE],
  gatedResidual: [(x, h) => gatedResidual(x!, h!), IMAGE, [3, 6, 8, 24]],
};

/** Result and gradients on the engine that runs. */
function numbersOf(run: Run, shapes: number[][]): Float32Array[] {
  return tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor(normal(tf.util.sizeFromShape(shape), i), shape));
    const y = run(...inputs);
    const weights = tf.tensor(normal(y.size, 99), y.shape);
    const gradients = tf.grads((...values: tf.Tensor[]) => tf.sum(tf.mul(run(...values), weights)))(inputs);
    return [y, ...gradients].map((t) => t.dataSync() as Float32Array);
  });
}

// packages/layers may not know the engines, and packages/backend not the layers: they meet here. Sums of up to 300 terms of
// size 1 in another order: 1e-4 of the largest number is a hundred times what float32 loses, and a hundredth of one term.
it.each(Object.entries(FUNCTIONS))(
  '%s: the same numbers and gradients on wasm as on cpu',
  async (_, [run, ...shapes]) => {
    await useEngine('cpu');
    const cpu = numbersOf(run, shapes);
    await useEngine('wasm');
    const wasm = numbersOf(run, shapes);
    expect(wasm.length).toBe(cpu.length);
    for (const [i, golden] of cpu.entries()) {
      const most = golden.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
      expect(most).toBeGreaterThan(0.1);
      const off = golden.reduce((max, v, j) => Math.max(max, Math.abs(v - wasm[i]![j]!)), 0);
      expect(off, `number ${i}`).toBeLessThan(1e-4 * most);
    }
  },
);
