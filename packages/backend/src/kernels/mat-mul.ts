import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { finishByKernels } from './gemm.ts';
import { Heap } from './heap.ts';
import { transpose } from './transpose.ts';

interface MatMulArgs {
  inputs: { a: tf.TensorInfo; b: tf.TensorInfo };
  attrs: { transposeA: boolean; transposeB: boolean };
  backend: BackendWasm;
}

interface FusedArgs {
  inputs: { a: tf.TensorInfo; b: tf.TensorInfo; bias?: tf.TensorInfo; preluActivationWeights?: tf.TensorInfo };
  attrs: { transposeA: boolean; transposeB: boolean; activation: string; leakyreluAlpha?: number };
  backend: BackendWasm;
}

/** Multiply-adds of one matrix of a batch from which on a call of XNNPACK costs less than tfjs's loop over the batch. */
const WORTH_A_CALL = 2 ** 14;

type Run = (args: unknown) => tf.TensorInfo;

/**
 * tfjs's BatchMatMul with the transposes done first and the batch taken apart: XNNPACK multiplies one plain pair of
 * matrices at 20 to 40 GFLOP/s, and all else runs through a loop of 0.4 to 3. [..., M, K] [..., K, N] -> [..., M, N].
 */
export function fastMatMul(original: tf.KernelFunc): tf.KernelFunc {
  const run = original as unknown as Run;
  const kernel = ({ inputs: { a, b }, attrs, backend }: MatMulArgs): tf.TensorInfo => {
    const { transposeA = false, transposeB = false } = attrs;
    const batchA = a.shape.slice(0, -2);
    const batchB = b.shape.slice(0, -2);
    const [m, k] = matrix(a, transposeA);
    const [inner, n] = matrix(b, transposeB);
    const countA = tf.util.sizeFromShape(batchA);
    const countB = tf.util.sizeFromShape(batchB);
    const plain = !transposeA && !transposeB;
    const floats = a.dtype === 'float32' && b.dtype === 'float32';
    // The original words the errors.
    if (!floats || inner !== k) return run({ inputs: { a, b }, attrs, backend });
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    const count = tf.util.sizeFromShape(batch);
    const shape = [...batch, m, n];
    const heap = Heap.of(backend);
    if (count * m * n * k === 0) {
      const out = backend.makeOutput(shape, 'float32');
      heap.floats(out).fill(0);
      return out;
    }
    const aligned = countA === count ? countB === count || countB === 1 : countA === 1 && countB === count;
    const small = m * k * n * (countB === 1 ? countA : 1) < WORTH_A_CALL;
    const easy = plain && countA === 1 && countB === 1;
    if (easy || (small && aligned)) return run({ inputs: { a, b }, attrs, backend });
    const out = backend.makeOutput(shape, 'float32');
    const left = { info: a, batch: batchA, transpose: transposeA };
    const right = { info: b, batch: batchB, transpose: transposeB };
    // b^T is the left side of out^T = b^T^T a^T as it stands: worth it where the rest is less to turn and to pack.
    const turning = transposeA ? m * n < k * (m + n) : m * (2 * k + n) < 2 * k * n;
    if (!transposeB || !turning || countB !== count) {
      multiply(heap, left, right, out, batch, m, k, n);
      return out;
    }
    const [first, second] = [
      { ...right, transpose: false },
      { ...left, transpose: !transposeA },
    ];
    if (m === 1 || n === 1) {
      multiply(heap, first, second, out, batch, n, k, m);
      return out;
    }
    heap.scratch(count * m * n, (turned) => {
      multiply(heap, first, second, turned, batch, n, k, m);
      const [from, to] = [heap.floats(turned), heap.floats(out)];
      for (let i = 0; i < count; i++) transpose(from, to, i * m * n, n, m);
    });
    return out;
  };
  return kernel as unknown as tf.KernelFunc;
}

/**
 * tfjs's _FusedMatMul with the transposes done first and a batch that shares b laid end to end; with a batch of b,
 * where tfjs adds the wrong bias, the product, the bias and the activation one after the other.
 */
export function fastFusedMatMul(original: tf.KernelFunc, product: tf.KernelFunc): tf.KernelFunc {
  const run = original as unknown as Run;
  const kernel = ({ inputs, attrs, backend }: FusedArgs): tf.TensorInfo => {
    const { a, b } = inputs; // rank 3
    const { transposeA, transposeB } = attrs;
    const [m, k] = matrix(a, transposeA);
    const [inner, n] = matrix(b, transposeB);
    const [countA, countB] = [a.shape[0]!, b.shape[0]!];
    const floats = a.dtype === 'float32' && b.dtype === 'float32';
    if (!floats || inner !== k || (countA === 1 && countB === 1 && !transposeA && !transposeB)) {
      return run({ inputs, attrs, backend });
    }
    if (countB !== 1 || countA * m * n * k === 0) {
      const plain = (product as unknown as Run)({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend });
      return finishByKernels(plain, { inputs, attrs }, backend);
    }
    return transposed(Heap.of(backend), a, countA, k, m, transposeA, (left) =>
      transposed(Heap.of(backend), b, 1, n, k, transposeB, (right) => {
        const out = run({
          inputs: { ...inputs, a: shaped(left, [1, countA * m, k]), b: shaped(right, [1, k, n]) },
          attrs: { ...attrs, transposeA: false, transposeB: false },
          backend,
        });
        out.shape = [countA, m, n];
        return out;
      }),
    );
  };
  return kernel as unknown as tf.KernelFunc;
}

function shaped({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  return { dataId, dtype, shape };
}

/** Rows and columns of the matrices of a tensor as the product sees them. */
function matrix({ shape }: tf.TensorInfo, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Hands `f` the `count` matrices [rows, columns] of x transposed to [columns, rows], or x itself. */
function transposed<T>(
  heap: Heap,
  x: tf.TensorInfo,
  count: number,
  rows: number,
  columns: number,
  wanted: boolean,
  f: (x: tf.TensorInfo) => T,
): T {
  if (!wanted) return f(x);
  if (rows === 1 || columns === 1) return f(x); // the same numbers in the same order
  return heap.scratch(count * rows * columns, (turned) => {
    const [from, to] = [heap.floats(x), heap.floats(turned)];
    for (let i = 0; i < count; i++) transpose(from, to, i * rows * columns, rows, columns);
    return f(turned);
  });
}

interface Operand {
  info: tf.TensorInfo;
  batch: number[];
  transpose: boolean;
}

/** out [batch, M, N] = a [M, K] b [K, N], each with its transpose, matrix by matrix. */
function multiply(
  heap: Heap,
  a: Operand,
  b: Operand,
  out: tf.TensorInfo,
  batch: number[],
  m: number,
  k: number,
  n: number,
): void {
  const [countA, countB] = [tf.util.sizeFromShape(a.batch), tf.util.sizeFromShape(b.batch)];
  const call = (
    left: tf.TensorInfo,
    startA: number,
    right: tf.TensorInfo,
    startB: number,
    start: number,
    rows: number,
  ) =>
    heap.alias(left, startA, rows * k, (x) =>
      heap.alias(right, startB, k * n, (y) =>
        heap.alias(out, start, rows * n, (z) => heap.product(x, y, z, rows, k, n)),
      ),
    );
  transposed(heap, a.info, countA, k, m, a.transpose, (left) =>
    transposed(heap, b.info, countB, n, k, b.transpose, (right) => {
      if (countB === 1) {
        call(left, 0, right, 0, 0, countA * m); // the batch laid end to end
        return;
      }
      const [stepA, stepB] = [batchSteps(a.batch, batch), batchSteps(b.batch, batch)];
      for (let i = 0; i < tf.util.sizeFromShape(batch); i++) {
        call(left, pick(i, batch, stepA) * m * k, right, pick(i, batch, stepB) * k * n, i * m * n, m);
      }
    }),
  );
}

/** How far each axis of the broadcast batch moves along a tensor's own batch, in matrices; 0 where it is stretched. */
export function batchSteps(own: number[], batch: number[]): number[] {
  const steps = new Array<number>(batch.length).fill(0);
  for (let axis = own.length - 1, step = 1; axis >= 0; axis--) {
    if (own[axis] !== 1) steps[axis + batch.length - own.length] = step;
    step *= own[axis]!;
  }
  return steps;
}

/** Which of a tensor's own matrices stands at place `i` of the broadcast batch. */
export function pick(i: number, batch: number[], steps: number[]): number {
  let at = 0;
  for (let axis = batch.length - 1, rest = i; axis >= 0; axis--) {
    at += (rest % batch[axis]!) * steps[axis]!;
    rest = Math.floor(rest / batch[axis]!);
  }
  return at;
}
