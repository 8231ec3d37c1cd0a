import * as tf from '@tensorflow/tfjs-core';
import type { CompressedRows, SparseMatrix } from './sparse-matrix.ts';

/** Kernel of `@proj/backend`, in WebAssembly. */
const SPARSE_KERNEL = 'ProjSparseMatMul';

/**
 * Sparse [M, K] times dense [K, N] -> [M, N], in time and memory that grow with the entries, not with M K.
 *
 * Differentiable in `dense`; the matrix is a constant.
 * @throws RangeError unless `dense` is [K, N].
 */
export function sparseMatMul(matrix: SparseMatrix, dense: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.forward.shape;
  if (dense.rank !== 2 || dense.shape[0] !== columns) {
    throw new RangeError(
      `sparseMatMul: a matrix [${rows}, ${columns}] needs a dense one of shape [${columns}, N], got [${dense.shape}].`,
    );
  }
  const product = tf.customGrad((x, save) => {
    const { indptr, indices, values, rows: turned } = matrix.transposed;
    (save as tf.GradSaveFunc)([indptr, indices, values, turned]); // the matrix may be tidied away before the gradient
    return {
      value: multiply(matrix.forward, x as tf.Tensor2D),
      gradFunc: (dy, saved) => multiply(restore(matrix.transposed.shape, saved as tf.Tensor1D[]), dy as tf.Tensor2D),
    };
  });
  return product(dense) as tf.Tensor2D;
}

const restore = (shape: [number, number], [indptr, indices, values, rows]: tf.Tensor1D[]): CompressedRows => ({
  shape,
  indptr: indptr!,
  indices: indices!,
  values: values!,
  rows: rows!,
});

function multiply(matrix: CompressedRows, dense: tf.Tensor2D): tf.Tensor2D {
  const { indptr, indices, values, rows, shape } = matrix;
  if (tf.getKernel(SPARSE_KERNEL, tf.getBackend()) === undefined) {
    return tf.tidy(() => scatterProduct(rows, indices, values, dense, shape[0]));
  }
  return tf
    .engine()
    .runKernel(SPARSE_KERNEL, { indptr, indices, values, dense }, { rows: shape[0], columns: shape[1] }) as tf.Tensor2D;
}

/**
 * The same of entries that are tensors themselves: rows and columns int32 [E], values [E], dense [K, N] -> [M, N], in
 * operations that every engine has. Differentiable in `values` and `dense`.
 */
export function coordinateMatMul(
  rows: tf.Tensor1D,
  columns: tf.Tensor1D,
  values: tf.Tensor1D,
  dense: tf.Tensor2D,
  rowCount: number,
): tf.Tensor2D {
  const product = tf.customGrad((v, x, save) => {
    const [entries, factor] = [v as tf.Tensor1D, x as tf.Tensor2D];
    (save as tf.GradSaveFunc)([rows, columns, entries, factor]);
    return {
      value: scatterProduct(rows, columns, entries, factor, rowCount),
      gradFunc: (dy, saved) => {
        const [r, c, savedValues, savedDense] = saved as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor2D];
        const byValues = tf.sum(tf.mul(tf.gather(dy, r), tf.gather(savedDense, c)), 1);
        return [byValues, scatterProduct(c, r, savedValues, dy as tf.Tensor2D, savedDense.shape[0])];
      },
    };
  });
  return product(values, dense) as tf.Tensor2D;
}

/** scatterND and not unsortedSegmentSum: on the engine cpu that one goes through all entries for every row. */
function scatterProduct(
  rows: tf.Tensor1D,
  columns: tf.Tensor1D,
  values: tf.Tensor1D,
  dense: tf.Tensor2D,
  rowCount: number,
): tf.Tensor2D {
  const width = dense.shape[1];
  if (rows.size === 0 || width === 0) return tf.zeros([rowCount, width]);
  const terms = tf.mul(tf.gather(dense, columns), tf.expandDims(values, 1)); // [E, N]
  return tf.scatterND(tf.expandDims(rows, 1), terms, [rowCount, width]) as tf.Tensor2D;
}
