import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useEngine } from '../index.ts';
import { canRun, type WasmBuild } from '../wasm/build.ts';

const builds = (['plain', 'fused'] as WasmBuild[]).filter(canRun);

describe.each(builds)('ProjSigmoidCrossEntropy, %s build', (wasmBuild) => {
  // Golden: softplus(l) - x l and sigmoid(l) - x in float64; rows that are no multiple of the vector width.
  it.each([1, 2, 3, 4, 7, 784])('is the formula, rows of %i', async (columns) => {
    await useEngine('wasm', { wasmBuild });
    const rows = 3;
    const logit = (i: number) => [0, -40, 40, 1e-6, -3, 0.5, 100, -100][i % 8]! * (1 + (i % 5) / 10);
    const pixel = (i: number) => [0, 1, 0.25][i % 3]!;
    const size = rows * columns;
    const logits = tf.tensor2d(
      Float32Array.from({ length: size }, (_, i) => logit(i)),
      [rows, columns],
    );
    const x = tf.tensor2d(
      Float32Array.from({ length: size }, (_, i) => pixel(i)),
      [rows, columns],
    );
    const before = tf.memory().numTensors;
    const run = (gradient: boolean) =>
      tf.engine().runKernel('ProjSigmoidCrossEntropy', { x, logits }, { gradient }) as tf.Tensor[];
    const [loss, gradient] = run(true);
    const [lossAlone, ...none] = run(false);
    expect(none).toEqual([]);
    expect(lossAlone!.dataSync()).toEqual(loss!.dataSync());
    const [losses, slopes, l, p] = [loss!, gradient!, logits, x].map((tensor) => tensor.dataSync());
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = row * columns; i < (row + 1) * columns; i++) {
        sum += Math.max(l![i]!, 0) + Math.log1p(Math.exp(-Math.abs(l![i]!))) - p![i]! * l![i]!;
        expect(Math.abs(slopes![i]! - (1 / (1 + Math.exp(-l![i]!)) - p![i]!))).toBeLessThan(3e-7);
      }
      expect(Math.abs(losses![row]! - sum)).toBeLessThan(4e-7 * (1 + Math.abs(sum)));
    }
    tf.dispose([loss, gradient, lossAlone]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([logits, x]);
  });

  it('carries NaN to its row alone, and refuses shapes that differ', async () => {
    await useEngine('wasm', { wasmBuild });
    const logits = tf.tensor2d([
      [1, Number.NaN, 3],
      [1, 2, 3],
    ]);
    const [loss] = tf
      .engine()
      .runKernel('ProjSigmoidCrossEntropy', { x: tf.zeros([2, 3]), logits }, { gradient: false }) as tf.Tensor[];
    const [bad, good] = loss!.dataSync();
    expect(bad).toBeNaN();
    expect(good).toBeCloseTo(Math.log1p(Math.E) + Math.log1p(Math.exp(2)) + Math.log1p(Math.exp(3)), 5);
    const wrong = () =>
      tf.engine().runKernel('ProjSigmoidCrossEntropy', { x: tf.zeros([3, 2]), logits }, { gradient: false });
    expect(wrong).toThrow('must be float32 [B, D] of one shape, got x float32 [3, 2], logits float32 [2, 3].');
  });
});
