import * as tf from '@tensorflow/tfjs-core';

/** Compressed sparse rows (CSR): the entries of row i stand at indptr[i] .. indptr[i + 1] of `indices` and `values`. */
export type CompressedRows = {
  shape: [rows: number, columns: number];
  /** int32 [M + 1]. */
  indptr: tf.Tensor1D;
  /** Column of each entry, int32 [E]. */
  indices: tf.Tensor1D;
  /** float32 [E]. */
  values: tf.Tensor1D;
  /** Row of each entry, int32 [E]: for engines without a sparse kernel. */
  rows: tf.Tensor1D;
};

/**
 * A constant sparse matrix [M, K] with its transpose, which the gradient of a product needs.
 *
 * A plain object of tensors: `tf.dispose` frees it, `tf.tidy` lets it through, `tf.clone` of its parts shares their data.
 */
export type SparseMatrix = {
  forward: CompressedRows;
  /** [K, M]. Of a symmetric matrix it is `forward` itself. */
  transposed: CompressedRows;
};

/** Entries by their places, of equal length. */
export interface SparseEntries {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  /** Ones if omitted. */
  readonly values?: ArrayLike<number>;
}

export interface SparseMatrixOptions {
  /** The caller's word that the matrix equals its transpose, which then is not stored. Default false. */
  symmetric?: boolean;
}

/**
 * The matrix [M, K] that holds `entries`, in any order, and else zeros. Entries at one place add up.
 *
 * The tensors belong to the caller: `tf.dispose(matrix)`.
 * @throws RangeError if the lists differ in length, or a place lies outside the matrix.
 */
export function sparseMatrix(
  [rows, columns]: readonly [rows: number, columns: number],
  entries: SparseEntries,
  { symmetric = false }: SparseMatrixOptions = {},
): SparseMatrix {
  const { rows: r, columns: c } = entries;
  const values = entries.values ?? new Float32Array(r.length).fill(1);
  for (const [name, size] of Object.entries({ rows, columns })) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`sparseMatrix: the shape must be two natural numbers, got ${size} ${name}.`);
    }
  }
  if (c.length !== r.length || values.length !== r.length) {
    throw new RangeError(
      `sparseMatrix: rows, columns and values must be of one length, got ${r.length}, ${c.length} and ${values.length}.`,
    );
  }
  if (symmetric && rows !== columns) {
    throw new RangeError(`sparseMatrix: a symmetric matrix must be square, got [${rows}, ${columns}].`);
  }
  checkPlaces('row', r, rows);
  checkPlaces('column', c, columns);
  const forward = compress([rows, columns], r, c, values);
  return { forward, transposed: symmetric ? forward : compress([columns, rows], c, r, values) };
}

/** The same matrix as a dense tensor [M, K]. */
export function denseMatrix({ forward: { shape, rows, indices, values } }: SparseMatrix): tf.Tensor2D {
  return tf.tidy(() => tf.scatterND(tf.stack([rows, indices], 1), values, shape) as tf.Tensor2D);
}

function checkPlaces(name: string, places: ArrayLike<number>, size: number): void {
  for (let e = 0; e < places.length; e++) {
    const place = places[e]!;
    if (!(Number.isInteger(place) && place >= 0 && place < size)) {
      throw new RangeError(`sparseMatrix: every ${name} must be an integer from 0 to ${size - 1}, got ${place}.`);
    }
  }
}

/** Two counting sorts: by column, then, stably, by row. */
function compress(
  shape: [number, number],
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  values: ArrayLike<number>,
): CompressedRows {
  const byColumn = countingSort(
    columns,
    shape[1],
    Uint32Array.from({ length: rows.length }, (_, e) => e),
  );
  const { order, starts } = countingSort(rows, shape[0], byColumn.order);
  const pick = (from: ArrayLike<number>) =>
    tf.tensor1d(
      Int32Array.from(order, (e) => from[e]!),
      'int32',
    );
  return {
    shape,
    indptr: tf.tensor1d(starts, 'int32'),
    indices: pick(columns),
    values: tf.tensor1d(Float32Array.from(order, (e) => values[e]!)),
    rows: pick(rows),
  };
}

/** `order` sorted by key, stably; the entries of key k then stand at starts[k] .. starts[k + 1]. */
function countingSort(keys: ArrayLike<number>, size: number, order: Uint32Array) {
  const starts = new Int32Array(size + 1);
  for (let e = 0; e < keys.length; e++) starts[keys[e]! + 1]! += 1;
  for (let k = 0; k < size; k++) starts[k + 1]! += starts[k]!;
  const next = starts.slice();
  const sorted = new Uint32Array(order.length);
  for (const e of order) sorted[next[keys[e]!]!++] = e;
  return { order: sorted, starts };
}
