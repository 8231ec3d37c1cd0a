import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { distance, on, startEngines, values } from '../../tests/engines.ts';
import { SPARSE_MAT_MUL } from './sparse-mat-mul.ts';

beforeAll(startEngines);

const size = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 2, max: 25 }));

/** A sparse matrix with empty rows and rows whose entries are in no order. */
function sparse(rows: number, columns: number, draw: () => number) {
  const [indptr, indices] = [[0], [] as number[]];
  for (let row = 0; row < rows; row++) {
    const entries = columns === 0 ? 0 : draw() % 5;
    for (let i = 0; i < entries; i++) indices.push(draw() % columns);
    indptr.push(indices.length);
  }
  return { indptr, indices, rows, columns };
}
type Sparse = ReturnType<typeof sparse>;

const product = ({ indptr, indices, ...shape }: Sparse, v: tf.Tensor, dense: tf.Tensor, transpose: boolean) =>
  tf
    .engine()
    .runKernel(
      SPARSE_MAT_MUL,
      { indptr: tf.tensor1d(indptr, 'int32'), indices: tf.tensor1d(indices, 'int32'), values: v, dense },
      { ...shape, transpose },
    ) as tf.Tensor;

/** The same by a dense matrix, as entries that stand twice add up. */
function dense({ indptr, indices, rows, columns }: Sparse, v: tf.Tensor): tf.Tensor {
  const row = indices.map((_, p) => indptr.findIndex((end) => end > p) - 1);
  const left = tf.oneHot(tf.tensor1d(row, 'int32'), rows);
  const right = tf.oneHot(tf.tensor1d(indices, 'int32'), columns);
  return tf.matMul(tf.cast(left, 'float32'), tf.mul(right, tf.expandDims(v, 1)), true);
}

it('is the product with the dense matrix, and so are its gradients', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 2, max: 12 }), // tf.oneHot wants 2
    fc.integer({ min: 2, max: 12 }),
    size,
    fc.boolean(),
    fc.infiniteStream(fc.nat()),
    async (rows, columns, n, transpose, stream) => {
      const matrix = sparse(rows, columns, () => stream.next().value as number);
      if (matrix.indices.length === 0 || n === 0) return;
      const b = () => values([transpose ? rows : columns, n], 2);
      const v = () => values([matrix.indices.length], 1);
      const weight = () => values([transpose ? columns : rows, n], 3);
      const both = (f: (v: tf.Tensor, b: tf.Tensor) => tf.Tensor) => {
        const [dv, db] = tf.grads((x, y) => tf.sum(tf.mul(f(x, y), weight())))([v(), b()]);
        return tf.concat([f(v(), b()), dv!, db!].map((t) => tf.reshape(t, [-1])));
      };
      const got = await on('wasm', () => both((x, y) => product(matrix, x, y, transpose)));
      const expected = await on('cpu', () => both((x, y) => tf.matMul(dense(matrix, x), y, transpose)));
      expect(distance(got.values, expected.values)).toBeLessThan(1e-5);
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 100 });
});

it('no rows, no entries, no columns', async () => {
  const none = { indptr: [0, 0, 0], indices: [], rows: 2, columns: 3 };
  const zero = await on('wasm', () => product(none, tf.zeros([0]), tf.ones([3, 5]), false));
  expect(zero).toMatchObject({ shape: [2, 5], values: Array(10).fill(0) });
  const turned = await on('wasm', () => product(none, tf.zeros([0]), tf.ones([2, 5]), true));
  expect(turned).toMatchObject({ shape: [3, 5], values: Array(15).fill(0) });
  expect((await on('wasm', () => product(none, tf.zeros([0]), tf.ones([3, 0]), false))).shape).toEqual([2, 0]);
});

it('says what it expects', async () => {
  await tf.setBackend('wasm');
  const matrix = { indptr: [0, 1], indices: [3], rows: 1, columns: 3 };
  const { numTensors, numDataBuffers } = tf.memory();
  tf.tidy(() => {
    const run = () => product(matrix, tf.ones([1]), tf.ones([3, 2]), false);
    expect(run).toThrow('ProjSparseMatMul: an entry lies outside the sparse matrix [1, 3].');
    expect(() => product(matrix, tf.ones([1]), tf.ones([4, 2]), false)).toThrow(
      'ProjSparseMatMul: expected dense of type float32 [3,N], got float32 [4,2].',
    );
  });
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
});
