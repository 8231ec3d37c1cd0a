import * as tf from '@tensorflow/tfjs-core';
import { type KernelArgs, Own, type Workspace } from '../wasm/own.ts';

/** A sparse matrix in compressed rows, and what it is multiplied with. */
interface Inputs {
  /** int32 [rows + 1]: row i has the entries from indptr[i] to indptr[i + 1]. */
  indptr: tf.TensorInfo;
  /** int32 [entries]: the columns. An entry may stand twice; then both count. */
  indices: tf.TensorInfo;
  values: tf.TensorInfo;
  dense: tf.TensorInfo;
}

interface Attrs {
  /** Of the sparse matrix. */
  rows: number;
  columns: number;
  /** Multiplies with the transposed matrix. */
  transpose?: boolean;
}

type ValuesInputs = Omit<Inputs, 'values'> & { dy: tf.TensorInfo };

/** Our name for the kernel: `tf.getKernel('ProjSparseMatMul', tf.getBackend())` is undefined on engines that lack it. */
export const SPARSE_MAT_MUL = 'ProjSparseMatMul';
export const SPARSE_VALUES = 'ProjSparseMatMulValues';

/** Sparse [rows, columns] times dense [columns, N] -> [rows, N]; transposed, times dense [rows, N] -> [columns, N]. */
export function sparseMatMul(
  { inputs, attrs: { rows, columns, transpose = false } }: KernelArgs<Inputs, Attrs>,
  own: Workspace,
): tf.TensorInfo {
  const { indptr, indices, values, dense } = inputs;
  check(inputs, rows, transpose ? rows : columns);
  const n = dense.shape[1]!;
  const out = own.output([transpose ? columns : rows, n]);
  const [p, i, v, d, to] = [indptr, indices, values, dense, out].map((info) => own.address(info));
  const size = indices.shape[0]!;
  const bad = transpose
    ? own.run.sparseTransposed!(p!, i!, v!, size, d!, rows, columns, n, to!)
    : own.run.sparseProduct!(p!, i!, v!, size, d!, columns, n, to!, 0, rows);
  return bad ? outside(own, out, rows, columns) : out;
}

/** Gradient by the values of sparse [rows, columns] dense [columns, N], whose own gradient is dy [rows, N]. */
export function sparseValues(
  { inputs, attrs: { rows, columns } }: KernelArgs<ValuesInputs, Attrs>,
  own: Workspace,
): tf.TensorInfo {
  const { indptr, indices, dense, dy } = inputs;
  const size = indices.shape[0]!;
  const out = own.output([size]);
  const [p, i, d, slope, to] = [indptr, indices, dense, dy, out].map((info) => own.address(info));
  const bad = own.run.sparseValues!(p!, i!, size, slope!, d!, columns, dense.shape[1]!, to!, 0, rows);
  return bad ? outside(own, out, rows, columns) : out;
}

function check({ indptr, indices, values, dense }: Inputs, rows: number, denseRows: number): void {
  const expected = (name: string, { shape, dtype }: tf.TensorInfo, type: string, wanted: (number | string)[]): void => {
    const fits = dtype === type && shape.length === wanted.length;
    if (fits && shape.every((size, axis) => typeof wanted[axis] === 'string' || wanted[axis] === size)) return;
    throw new RangeError(`${SPARSE_MAT_MUL}: expected ${name} of type ${type} [${wanted}], got ${dtype} [${shape}].`);
  };
  expected('indptr', indptr, 'int32', [rows + 1]);
  expected('indices', indices, 'int32', ['entries']);
  expected('values', values, 'float32', [indices.shape[0]!]);
  expected('dense', dense, 'float32', [denseRows, 'N']);
}

function outside(own: Workspace, out: tf.TensorInfo, rows: number, columns: number): never {
  own.backend.disposeData(out.dataId);
  throw new RangeError(`${SPARSE_MAT_MUL}: an entry lies outside the sparse matrix [${rows}, ${columns}].`);
}

/** Registers the sparse product on WASM, with its gradients by the dense matrix and by the values. */
export function registerSparseMatMul(): void {
  if (tf.getKernel(SPARSE_MAT_MUL, 'wasm') !== undefined) return;
  const kernels = { [SPARSE_MAT_MUL]: sparseMatMul, [SPARSE_VALUES]: sparseValues };
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const kernelFunc = (args: unknown) => kernel(args as KernelArgs<never, never>, Own.get()!);
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as tf.KernelFunc });
  }
  registerSparseGradients();
}

/** By the dense matrix and by the values, for engines that have the product. */
export function registerSparseGradients(): void {
  if (tf.getGradient(SPARSE_MAT_MUL) !== undefined) return;
  tf.registerGradient({
    kernelName: SPARSE_MAT_MUL,
    inputsToSave: ['indptr', 'indices', 'values', 'dense'],
    gradFunc: (dy, [indptr, indices, values, dense], attrs) => {
      const { transpose = false, rows, columns } = attrs as unknown as Attrs;
      const run = (name: string, inputs: object, transposed: boolean): tf.Tensor =>
        tf.engine().runKernel(name, inputs as tf.NamedTensorMap, { rows, columns, transpose: transposed });
      // Transposed, dense and dy change places.
      const [left, right] = transpose ? [dense, dy] : [dy, dense];
      return {
        dense: () => run(SPARSE_MAT_MUL, { indptr, indices, values, dense: dy }, !transpose),
        values: () => run(SPARSE_VALUES, { indptr, indices, dy: left, dense: right }, false),
      };
    },
  });
}
