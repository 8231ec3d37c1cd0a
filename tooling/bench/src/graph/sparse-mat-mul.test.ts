import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import { sparseMatMul, sparseMatrix } from '@proj/layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

// On engines that @proj/backend completed: with the kernel ProjSparseMatMul, which packages/layers alone has not.
describe.each(['cpu', 'wasm'] as const)('on %s', (engine) => {
  beforeAll(async () => void (await useEngine(engine)));

  it('a sparse product and its gradient equal the dense ones', () => {
    const size = fc.integer({ min: 1, max: 9 });
    const cells = fc.uniqueArray(fc.nat({ max: 80 }), { maxLength: 30 });
    const property = fc.property(size, size, size, cells, (m, k, n, chosen) => {
      const before = tf.memory().numTensors;
      const weights = normal(81, 1);
      const entries = chosen
        .filter((cell) => cell < m * k)
        .map((cell) => [Math.floor(cell / k), cell % k, weights[cell]!] as const);
      const dense = tf.buffer<tf.Rank.R2>([m, k]);
      for (const [i, j, value] of entries) dense.set(value, i, j);
      const a = dense.toTensor();
      const x = tf.tensor2d(normal(k * n, 2), [k, n]);
      const sparse = sparseMatrix([m, k], {
        rows: entries.map(([i]) => i),
        columns: entries.map(([, j]) => j),
        values: entries.map(([, , value]) => value),
      });
      const got = tf.valueAndGrad((t) => tf.sum(tf.square(sparseMatMul(sparse, t as tf.Tensor2D))))(x);
      const want = tf.valueAndGrad((t) => tf.sum(tf.square(tf.matMul(a, t as tf.Tensor2D))))(x);
      for (const [g, w] of [
        [got.value, want.value],
        [got.grad, want.grad],
      ] as const) {
        const expected = w.dataSync();
        for (const [i, v] of g.dataSync().entries()) expect(v).toBeCloseTo(expected[i]!, 3);
      }
      tf.dispose([sparse, a, x, { ...got }, { ...want }]);
      expect(tf.memory().numTensors).toBe(before);
    });
    fc.assert(property, { seed: 1, numRuns: 30 });
  });
});
