import * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../wasm/own.ts';
import { type Finish, finishByKernels, finishOf, gemm, NOTHING } from './gemm.ts';

type MatMulArgs = KernelArgs<{ a: tf.TensorInfo; b: tf.TensorInfo }, { transposeA?: boolean; transposeB?: boolean }>;
type FusedArgs = KernelArgs<
  { a: tf.TensorInfo; b: tf.TensorInfo; bias?: tf.TensorInfo; preluActivationWeights?: tf.TensorInfo },
  { transposeA: boolean; transposeB: boolean; activation: string; leakyreluAlpha?: number }
>;

/** BatchMatMul by our own product: all transposes, batches that broadcast. [..., M, K] [..., K, N] -> [..., M, N]. */
export function matMul({ inputs: { a, b }, attrs }: MatMulArgs, own: Own): tf.TensorInfo | undefined {
  return product(own, a, b, attrs.transposeA === true, attrs.transposeB === true, NOTHING);
}

/** _FusedMatMul: the product, a bias and an activation in one; what the compiled kernel cannot do follows by plain kernels. */
export function fusedMatMul({ inputs, attrs, backend }: FusedArgs, own: Own): tf.TensorInfo | undefined {
  const { a, b } = inputs;
  const finish = finishOf(own, { inputs, attrs }, b.shape[attrs.transposeB ? b.shape.length - 2 : b.shape.length - 1]!);
  const out = product(own, a, b, attrs.transposeA, attrs.transposeB, finish ?? NOTHING);
  return out === undefined || finish !== undefined ? out : finishByKernels(out, { inputs, attrs }, backend);
}

function product(
  own: Own,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  finish: Finish,
): tf.TensorInfo | undefined {
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  const m = a.shape[transposeA ? rankA - 1 : rankA - 2]!;
  const k = a.shape[transposeA ? rankA - 2 : rankA - 1]!;
  const n = b.shape[transposeB ? rankB - 2 : rankB - 1]!;
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || k !== b.shape[transposeB ? rankB - 1 : rankB - 2])
    return undefined;
  const [countA, countB] = [outer(a.shape), outer(b.shape)];
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const same = countA === 1 && countB === 1 && rankA === rankB;
  const batch = same ? batchA : tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const count = same ? 1 : tf.util.sizeFromShape(batch);
  if (k === 0 && finish !== NOTHING) return undefined;
  const out = own.output([...batch, m, n]);
  if (count * m * n === 0) return out;
  // Addresses after the output: making it may move the operands here from another engine.
  const [x, y, z] = [own.address(a), own.address(b), own.address(out)];
  if (k === 0) {
    own.run.gemmZero!(z, count * m * n);
    return out;
  }
  if ((countA === count || countA === 1) && (countB === count || countB === 1)) {
    const [stepA, stepB] = [countA === 1 ? 0 : m * k, countB === 1 ? 0 : k * n];
    gemm(own, x, transposeA, stepA, y, transposeB, stepB, z, m, k, n, count, finish);
    return out;
  }
  const [stepsA, stepsB] = [batchSteps(batchA, batch), batchSteps(batchB, batch)];
  for (let i = 0; i < count; i++) {
    const left = x + pick(i, batch, stepsA) * m * k * 4;
    const right = y + pick(i, batch, stepsB) * k * n * 4;
    gemm(own, left, transposeA, 0, right, transposeB, 0, z + i * m * n * 4, m, k, n, 1, finish);
  }
  return out;
}

/** How many matrices a tensor holds. */
function outer(shape: number[]): number {
  let count = 1;
  for (let axis = shape.length - 3; axis >= 0; axis--) count *= shape[axis]!;
  return count;
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
