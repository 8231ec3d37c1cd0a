import * as tf from '@tensorflow/tfjs-core';
import type { Own } from '../wasm/own.ts';

/** Bytes of work space that any product needs: 192 + 96 x 256 floats of a, 1 MB of b; thin ones a few rows or columns more. */
const SPACE = 192 + 4 * (96 * 256 + 256 * 1024);

/** Activations that the compiled product applies, with their numbers there. */
const FUSED: Record<string, number> = { linear: 0, relu: 1, relu6: 2, leakyrelu: 3 };

/** What follows a product or convolution: a bias along the last axis, then an activation. */
export interface Finish {
  /** 0: none. */
  bias: number;
  activation: number;
  alpha: number;
}

export const NOTHING: Finish = { bias: 0, activation: 0, alpha: 0 };

interface Finishing {
  inputs: { bias?: tf.TensorInfo; preluActivationWeights?: tf.TensorInfo };
  attrs: { activation?: string; leakyreluAlpha?: number };
}

/** What the compiled kernels can do of a fused kernel's end over n channels; undefined if not all of it. */
export function finishOf(own: Own, { inputs: { bias }, attrs }: Finishing, n: number): Finish | undefined {
  const activation = FUSED[attrs.activation ?? 'linear'];
  if (activation === undefined) return undefined;
  if (bias == null) return { bias: 0, activation, alpha: attrs.leakyreluAlpha ?? 0 };
  if (bias.dtype !== 'float32' || bias.shape.at(-1) !== n || tf.util.sizeFromShape(bias.shape) !== n) return undefined;
  return { bias: own.address(bias), activation, alpha: attrs.leakyreluAlpha ?? 0 };
}

/** Kernels of the activations that tfjs fuses; linear has none. */
const ACTIVATIONS: Record<string, string> = {
  relu: tf.Relu,
  relu6: tf.Relu6,
  elu: tf.Elu,
  sigmoid: tf.Sigmoid,
  prelu: tf.Prelu,
  leakyrelu: tf.LeakyRelu,
};

type Run = (args: unknown) => tf.TensorInfo;

/** Adds the bias and applies the activation to `out`, which it disposes: the rest of a fused kernel by plain kernels. */
export function finishByKernels(
  out: tf.TensorInfo,
  { inputs, attrs }: Finishing,
  backend: Own['backend'],
): tf.TensorInfo {
  const { bias, preluActivationWeights: alpha } = inputs;
  let result = out;
  const step = (kernelName: string, more: object, kernelAttrs: object = {}): void => {
    const { kernelFunc } = tf.getKernel(kernelName, 'wasm')!;
    const next = (kernelFunc as unknown as Run)({ inputs: { ...more }, attrs: kernelAttrs, backend });
    backend.disposeData(result.dataId);
    result = next;
  };
  if (bias != null) step(tf.Add, { a: result, b: bias });
  const activation = ACTIVATIONS[attrs.activation ?? 'linear'];
  if (activation !== undefined) step(activation, { x: result, alpha }, { alpha: attrs.leakyreluAlpha });
  return result;
}

interface Space {
  address: number;
  bytes: number;
}
const spaces = new WeakMap<Own['backend'], Space>();

/** Work space of `bytes` bytes that products and convolutions share, from call to call: allocating it costs more than a small product. */
export function workSpace(own: Own, bytes: number): number {
  const known = spaces.get(own.backend);
  if (known !== undefined && known.bytes >= bytes) return known.address;
  const module = own.backend.wasm as unknown as { _malloc(bytes: number): number; _free(address: number): void };
  if (known !== undefined) module._free(known.address);
  spaces.delete(own.backend);
  const space = { address: module._malloc(bytes) >>> 0, bytes };
  spaces.set(own.backend, space);
  return space.address;
}

/** Gives the work space back; the next product takes what it needs anew. */
export function releaseWorkSpace(own: Own): void {
  const known = spaces.get(own.backend);
  if (known === undefined) return;
  (own.backend.wasm as unknown as { _free(address: number): void })._free(known.address);
  spaces.delete(own.backend);
}

/** c [count, m, n] = a [m, k] b [k, n] by address, `aStep` and `bStep` elements from matrix to matrix. */
export function gemm(
  own: Own,
  a: number,
  transposeA: boolean,
  aStep: number,
  b: number,
  transposeB: boolean,
  bStep: number,
  c: number,
  m: number,
  k: number,
  n: number,
  count: number,
  { bias, activation, alpha }: Finish,
): void {
  // A batch that shares b is one tall matrix.
  const tall = count > 1 && bStep === 0 && !transposeA && aStep === m * k;
  const rows = tall ? m * count : m;
  const [ars, acs] = transposeA ? [1, m] : [k, 1];
  const [brs, bcs] = transposeB ? [1, k] : [n, 1];
  const thin = Math.min(rows, k, n) <= 4;
  const scratch = workSpace(own, thin ? Math.max(SPACE, 16 * Math.max(rows, k, n)) : SPACE);
  const times = tall ? 1 : count;
  own.run.gemm!(a, ars, acs, aStep, b, brs, bcs, bStep, c, rows, k, n, times, bias, activation, alpha, scratch);
}
