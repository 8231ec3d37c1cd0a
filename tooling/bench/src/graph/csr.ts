import * as tf from '@tensorflow/tfjs-core';

/** Compressed sparse rows: the entries of row i stand at indptr[i] .. indptr[i + 1] of `indices` (columns) and `values`. */
export interface Csr {
  readonly shape: readonly [number, number];
  readonly indptr: tf.Tensor1D; // int32 [M + 1]
  readonly indices: tf.Tensor1D; // int32 [nnz]
  readonly values: tf.Tensor1D; // float32 [nnz]
  /** Row of each entry, int32 [nnz]: for engines without a sparse kernel. */
  readonly rows: tf.Tensor1D;
}

/** A sparse constant, with its transpose for the gradient. A symmetric matrix is its own. */
export interface SparseMatrix {
  readonly forward: Csr;
  readonly backward: Csr;
}

/** One entry; an entry given twice is an error of the caller. */
export type Entry = readonly [row: number, column: number, value: number];

/** The matrix that holds `entries` and else zeros. */
export function sparseMatrix(shape: readonly [number, number], entries: readonly Entry[]): SparseMatrix {
  const flipped = entries.map(([row, column, value]): Entry => [column, row, value]);
  return { forward: csr(shape, entries), backward: csr([shape[1], shape[0]], flipped) };
}

export const disposeSparse = ({ forward, backward }: SparseMatrix): void =>
  tf.dispose([forward, backward] as unknown as tf.TensorContainer);

function csr(shape: readonly [number, number], entries: readonly Entry[]): Csr {
  const sorted = [...entries].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const indptr = new Int32Array(shape[0] + 1);
  for (const [row] of sorted) indptr[row + 1]! += 1;
  for (let i = 0; i < shape[0]; i++) indptr[i + 1]! += indptr[i]!;
  const column = (k: 0 | 1) =>
    tf.tensor1d(
      Int32Array.from(sorted, (entry) => entry[k]),
      'int32',
    );
  return {
    shape,
    indptr: tf.tensor1d(indptr, 'int32'),
    rows: column(0),
    indices: column(1),
    values: tf.tensor1d(Float32Array.from(sorted, (entry) => entry[2])),
  };
}

const SPARSE_KERNEL = 'ProjSparseMatMul';

/** `matrix x dense`, [M, K] x [K, N] -> [M, N], differentiable in `dense`. */
export function sparseMatMul(matrix: SparseMatrix, dense: tf.Tensor2D): tf.Tensor2D {
  const product = tf.customGrad((x) => ({
    value: multiply(matrix.forward, x as tf.Tensor2D),
    gradFunc: (dy) => multiply(matrix.backward, dy as tf.Tensor2D),
  }));
  return product(dense) as tf.Tensor2D;
}

function multiply(a: Csr, dense: tf.Tensor2D): tf.Tensor2D {
  if (tf.getKernel(SPARSE_KERNEL, tf.getBackend()) === undefined) return withPlainOps(a, dense);
  const { indptr, indices, values } = a;
  const [rows, columns] = a.shape;
  return tf.engine().runKernel(SPARSE_KERNEL, { indptr, indices, values, dense }, { rows, columns }) as tf.Tensor2D;
}

function withPlainOps(a: Csr, dense: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const terms = tf.mul(tf.gather(dense, a.indices), tf.expandDims(a.values, 1)); // [nnz, N]
    return tf.unsortedSegmentSum(terms, a.rows, a.shape[0]) as tf.Tensor2D;
  });
}
