import * as tf from '@tensorflow/tfjs-core';
import { einsum } from '../gradients/einsum.ts';
import { takeEvery } from '../gradients/rearranging.ts';
import { type PoolAttrs, poolMaxGradient, windows3d } from './pooling.ts';

/** What a kernel is called with. */
export type Kernel = Parameters<tf.KernelFunc>[0];

const mended = new Set<string>();

/** Puts `around` in front of a kernel, once. */
export function mend(
  kernelName: string,
  backendName: string,
  around: (args: Kernel, original: tf.KernelFunc) => ReturnType<tf.KernelFunc>,
) {
  const config = tf.getKernel(kernelName, backendName);
  const what = `${backendName} ${kernelName}`;
  if (config === undefined || mended.has(what)) return;
  mended.add(what);
  const kernelFunc: tf.KernelFunc = (args) => around(args, config.kernelFunc);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...config, kernelFunc });
}

/** Kernels that the engines written in JavaScript have wrong in the same way. Calling it again changes nothing. */
export function mendKernels(backendName: 'cpu' | 'wasm' | 'webgpu'): void {
  mend(tf.Cumsum, backendName, fromTheFront);
  mend(tf.Cumprod, backendName, fromTheFront);
  mend(tf.StridedSlice, backendName, stridedSlice);
  mend(tf.BatchMatMul, backendName, matMul);
  if (backendName !== 'cpu') return;
  mend(tf.Einsum, backendName, einsumKernel);
  mend(tf.TensorScatterUpdate, backendName, onCopy);
  mend(tf.MaxPool3DGrad, backendName, maxPool3dGrad);
}

/**
 * Einsum through matrix products. The CPU engine's hands out its input as the result where nothing changes, and is wrong where
 * a term shares no summed letter with the other ('ij,kl->jl'); WASM has none.
 */
export function einsumKernel({ inputs, attrs }: Kernel) {
  const tensors = Object.values(inputs) as tf.Tensor[];
  return tf.tidy(() => einsum(tensors, (attrs as { equation: string }).equation));
}

/** A negative axis fails on cpu, and on wasm it reads and writes beyond the tensor. */
function fromTheFront(args: Kernel, original: tf.KernelFunc) {
  const { axis } = args.attrs as { axis: number };
  if (axis >= 0) return original(args);
  const { shape } = (args.inputs as { x: tf.TensorInfo }).x;
  return original({ ...args, attrs: { ...args.attrs, axis: axis + shape.length } });
}

/**
 * Batches are counted modulo their number, which is right only if the smaller is the end of the larger: [3] and [2, 3], but
 * not [2, 1] and [2, 3]. Those are repeated first.
 */
function matMul(args: Kernel, original: tf.KernelFunc) {
  const { a, b } = args.inputs as Record<'a' | 'b', tf.Tensor>;
  if (a.shape.length < 4 && b.shape.length < 4) return original(args);
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
  const fits = (own: number[]) =>
    `,${batch}`.endsWith(own.every((n) => n === 1) ? '' : `,${own.slice(own.findIndex((n) => n > 1))}`);
  if (fits(left) && fits(right)) return original(args);
  return tf.tidy(() => {
    const whole = (t: tf.Tensor) => tf.broadcastTo(t, [...batch, ...t.shape.slice(-2)]);
    return asTensor(original({ ...args, inputs: { a: whole(a), b: whole(b) } }) as tf.TensorInfo);
  });
}

/** A kernel's result as a tensor that the surrounding tidy disposes; tfjs-node's are tensors already. */
export const asTensor = (info: tf.TensorInfo): tf.Tensor =>
  info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info);

type Info = Parameters<typeof tf.slice_util.sliceInfo>;
type Masks = Record<'beginMask' | 'endMask' | 'ellipsisMask' | 'newAxisMask' | 'shrinkAxisMask', number>;

/** Strides other than 1 beside an axis that goes or comes: tfjs counts along the result's axes in the place of x's. */
function stridedSlice(args: Kernel, original: tf.KernelFunc) {
  const { x } = args.inputs as { x: tf.Tensor };
  const a = args.attrs as unknown as Masks & { begin: Info[1]; end: Info[2]; strides: Info[3] };
  const wrongType = tf.getBackend() === 'wasm' && x.dtype !== 'float32'; // it calls everything float32
  if (!wrongType && !a.newAxisMask && !a.shrinkAxisMask) return original(args);
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = a;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const info = tf.slice_util.sliceInfo(x.shape, a.begin, a.end, a.strides, ...masks);
  const { begin, end, strides } = info;
  if (info.isIdentity || info.sliceDim0 || info.isSimpleSlice) return original(args);
  const sizes = tf.slice_util.computeOutShape(begin, end, strides).map((n) => Math.max(0, n));
  return tf.tidy(() => {
    if (sizes.includes(0)) return tf.zeros(info.finalShape, x.dtype);
    const first = begin.map((at, axis) => Math.min(at, at + (sizes[axis]! - 1) * strides[axis]!));
    const lengths = sizes.map((n, axis) => (n - 1) * Math.abs(strides[axis]!) + 1);
    let part: tf.Tensor = tf.slice(x, first, lengths);
    for (const [axis, step] of strides.entries()) {
      part = takeEvery(part, axis, Math.abs(step));
      if (step < 0) part = tf.reverse(part, axis);
    }
    return tf.reshape(part, info.finalShape);
  });
}

interface Cpu {
  data: { get(dataId: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** The CPU engine writes the updates into the tensor it was given. */
function onCopy(args: Kernel, original: tf.KernelFunc) {
  const backend = args.backend as Cpu;
  const { tensor } = args.inputs as { tensor: tf.TensorInfo };
  const copy = backend.makeTensorInfo(tensor.shape, tensor.dtype, backend.data.get(tensor.dataId).values.slice());
  const result = original({ ...args, inputs: { ...args.inputs, tensor: copy } });
  backend.disposeIntermediateTensorInfo(copy);
  return result;
}

/** The CPU engine's mixes up the height and the width of windows that are not square. */
function maxPool3dGrad(args: Kernel) {
  const backend = args.backend as Cpu;
  const { dy, input } = args.inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const values = (info: tf.TensorInfo) => backend.data.get(info.dataId).values;
  const dx = new Float32Array(tf.util.sizeFromShape(input.shape));
  poolMaxGradient(windows3d(input.shape, args.attrs as unknown as PoolAttrs), values(input), values(dy), dx, true);
  return backend.makeTensorInfo(input.shape, 'float32', dx);
}
