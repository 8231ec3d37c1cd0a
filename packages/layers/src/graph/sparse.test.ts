import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { normalizedAdjacency } from './normalized-adjacency.ts';
import { sparseMatMul } from './sparse-mat-mul.ts';
import { denseMatrix, type SparseMatrix, sparseMatrix } from './sparse-matrix.ts';

beforeEach(async () => void (await tf.setBackend('cpu')));

const largestGap = (a: tf.Tensor, b: tf.Tensor): number => {
  expect(a.shape).toEqual(b.shape);
  const other = b.dataSync();
  return Math.max(0, ...Array.from(a.dataSync(), (v, i) => Math.abs(v - other[i]!)));
};

// The kernel ProjSparseMatMul is tested with the backend, and its product against the dense one in tooling/bench.
describe.each(['cpu', 'wasm'])('on %s as TensorFlow.js ships it', (engine) => {
  beforeEach(async () => void (await tf.setBackend(engine)));

  it('a product and its gradient equal the dense ones, with places given twice and rows that are empty', () => {
    const size = fc.integer({ min: 1, max: 9 });
    const entry = fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.integer({ min: -8, max: 8 }));
    const property = fc.property(size, size, size, fc.array(entry, { maxLength: 30 }), (m, k, n, drawn) => {
      const before = tf.memory().numTensors;
      const entries = drawn.map(([i, j, v]) => [i % m, j % k, v / 4] as const);
      const table = Array.from({ length: m }, () => new Array<number>(k).fill(0));
      for (const [i, j, v] of entries) table[i]![j]! += v;
      const matrix = sparseMatrix([m, k], {
        rows: entries.map(([i]) => i),
        columns: entries.map(([, j]) => j),
        values: entries.map(([, , v]) => v),
      });
      tf.tidy(() => {
        const dense = tf.tensor2d(table, [m, k]);
        const x = tf.tensor2d(
          Array.from({ length: k * n }, (_, i) => Math.sin(i + 1)),
          [k, n],
        );
        const weights = tf.tensor2d(
          Array.from({ length: m * n }, (_, i) => Math.cos(3 * i)),
          [m, n],
        );
        const both = (f: (x: tf.Tensor2D) => tf.Tensor) =>
          tf.valueAndGrad((t) => tf.sum(tf.mul(tf.square(f(t as tf.Tensor2D)), weights)))(x);
        const [got, want] = [both((t) => sparseMatMul(matrix, t)), both((t) => tf.matMul(dense, t))];
        expect(largestGap(denseMatrix(matrix), dense)).toBe(0); // quarters add up exactly
        expect(largestGap(sparseMatMul(matrix, x), tf.matMul(dense, x))).toBeLessThan(1e-5);
        expect(largestGap(got.grad, want.grad)).toBeLessThan(2e-3); // entries up to 240, squared
      });
      tf.dispose(matrix);
      expect(tf.memory().numTensors).toBe(before);
    });
    fc.assert(property, { seed: 1, numRuns: 40 });
  });
});

it('keeps rows compressed and in order', () => {
  const { forward, transposed } = sparseMatrix([3, 4], {
    rows: [2, 0, 2, 0],
    columns: [3, 1, 0, 0],
    values: [5, 6, 7, 8],
  });
  const lists = ({ indptr, indices, values, rows }: SparseMatrix['forward']) =>
    [indptr, indices, values, rows].map((t) => [...t.dataSync()]);
  expect(lists(forward)).toEqual([
    [0, 2, 2, 4],
    [0, 1, 0, 3],
    [8, 6, 7, 5],
    [0, 0, 2, 2],
  ]);
  expect(lists(transposed)).toEqual([
    [0, 2, 3, 3, 4],
    [0, 2, 0, 2],
    [8, 7, 6, 5],
    [0, 0, 1, 3],
  ]);
  expect([...sparseMatrix([1, 2], { rows: [0], columns: [1] }).forward.values.dataSync()]).toEqual([1]);
});

it('a gradient works after the matrix was tidied away', () => {
  const x = tf.ones<tf.Rank.R2>([2, 1]);
  const gradient = tf.grad((t) =>
    tf.tidy(() => tf.sum(sparseMatMul(sparseMatrix([2, 2], { rows: [0, 0], columns: [0, 1] }), t as tf.Tensor2D))),
  )(x);
  expect([...gradient.dataSync()]).toEqual([1, 1]);
});

it('says what does not fit', () => {
  const make = (rows: number[], columns: number[], values?: number[]) => () =>
    sparseMatrix([2, 3], { rows, columns, ...(values && { values }) });
  expect(make([2], [0])).toThrow(new RangeError('sparseMatrix: every row must be an integer from 0 to 1, got 2.'));
  expect(make([0], [-1])).toThrow('sparseMatrix: every column must be an integer from 0 to 2, got -1.');
  expect(make([0], [0, 1])).toThrow('rows, columns and values must be of one length, got 1, 2 and 1.');
  expect(make([0], [0], [])).toThrow('rows, columns and values must be of one length, got 1, 1 and 0.');
  expect(() => sparseMatrix([2, 1.5], { rows: [], columns: [] })).toThrow('two natural numbers, got 1.5 columns.');
  expect(() => sparseMatrix([2, 3], { rows: [], columns: [] }, { symmetric: true })).toThrow(
    'must be square, got [2, 3]',
  );
  expect(() => sparseMatMul(make([0], [0])(), tf.ones([2, 3]))).toThrow(
    'sparseMatMul: a matrix [2, 3] needs a dense one of shape [3, N], got [2,3].',
  );
});

const rowsOf = (matrix: SparseMatrix): number[][] => denseMatrix(matrix).arraySync();

// Golden: systems.md 10.6; closed form 1/2, 1/sqrt(6), 1/3.
it('normalises the path of three nodes', () => {
  const [a, b, c] = [1 / 2, 1 / Math.sqrt(6), 1 / 3];
  const expected = [
    [a, b, 0],
    [b, c, b],
    [0, b, a],
  ];
  for (const [i, row] of rowsOf(normalizedAdjacency([0, 1, 1, 2], 3)).entries()) {
    for (const [j, value] of row.entries()) expect(value).toBeCloseTo(expected[i]![j]!, 7);
  }
  expect(b).toBeCloseTo(0.408248, 6);
});

it('counts an edge once, whichever way round, and gives lone nodes a 1', () => {
  const once = rowsOf(normalizedAdjacency([0, 1, 1, 2], 4));
  expect(rowsOf(normalizedAdjacency(Int32Array.of(1, 0, 2, 1, 0, 1, 1, 2), 4))).toEqual(once);
  expect(once[3]).toEqual([0, 0, 0, 1]);
  expect(rowsOf(normalizedAdjacency([], 2))).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

/** Eigenvalues of a symmetric matrix: Jacobi rotations in float64 until what is off the diagonal is gone. */
function eigenvalues(matrix: number[][]): number[] {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-15) continue;
        const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
        for (let k = 0; k < n; k++)
          [a[p]![k], a[q]![k]] = [c * a[p]![k]! - s * a[q]![k]!, s * a[p]![k]! + c * a[q]![k]!];
      }
    }
  }
  return a.map((row, i) => row[i]!);
}

it('is symmetric, and its eigenvalues lie in (-1, 1], the largest being 1', () => {
  const graph = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 }));
  const property = fc.property(graph, ([n, drawn]) => {
    const edges = drawn.map(([a, b]) => [a % n, b % n]).filter(([a, b]) => a !== b);
    const rows = rowsOf(normalizedAdjacency(edges.flat(), n));
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(rows[i]![j]).toBe(rows[j]![i]);
    const values = eigenvalues(rows);
    expect(Math.min(...values)).toBeGreaterThan(-1 + 1e-6);
    expect(Math.abs(Math.max(...values) - 1)).toBeLessThan(1e-6); // of sqrt(degree + 1); entries are float32
  });
  fc.assert(property, { seed: 1, numRuns: 60 });
});

it('refuses what is no graph', () => {
  expect(() => normalizedAdjacency([0, 1, 2], 3)).toThrow('edges must be pairs of nodes, [E, 2], got 3 numbers.');
  expect(() => normalizedAdjacency([0, 3], 3)).toThrow('nodes are numbered from 0 to 2, got 3 in edge 0.');
  expect(() => normalizedAdjacency([0, 1, 2, 2], 3)).toThrow('edge 1 goes from node 2 to itself. Leave self-loops out');
  expect(() => normalizedAdjacency([], 0)).toThrow('nodes must be an integer from 1 to 94,906,265, got 0.');
});
