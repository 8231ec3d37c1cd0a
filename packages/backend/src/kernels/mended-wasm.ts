import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type Kernel, mend } from './mended.ts';

/** Kernels that tfjs's WASM engine has wrong for some types, shapes or values. Calling it again changes nothing. */
export function mendWasmKernels(): void {
  for (const [kernelName, moved] of Object.entries(MOVING)) {
    mend(kernelName, 'wasm', (args, original) => throughIntegers(moved, args, original));
  }
  mend(tf.OneHot, 'wasm', oneHot);
  mend(tf.GatherV2, 'wasm', (args, original) => throughIntegers(['x'], args, (inner) => gather(inner, original)));
  mend(tf.Cast, 'wasm', toBool);
  mend(tf.Max, 'wasm', whereEmpty(Number.NaN)); // as on cpu
  mend(tf.Min, 'wasm', whereEmpty(Number.NaN));
  mend(tf.Prod, 'wasm', whereEmpty(1));
  mend(tf.Prelu, 'wasm', prelu);
  mend(tf.Sign, 'wasm', sign);
}

/** The inputs whose elements these kernels move: four bytes each, though booleans have one. */
const MOVING: Record<string, string[]> = {
  [tf.GatherNd]: ['params'],
  [tf.MirrorPad]: ['x'],
  [tf.Reverse]: ['x'],
  [tf.ScatterNd]: ['updates'],
  [tf.Select]: ['t', 'e'],
  [tf.TensorScatterUpdate]: ['tensor', 'updates'],
};

function throughIntegers(moved: string[], args: Kernel, original: tf.KernelFunc) {
  const inputs = args.inputs as Record<string, tf.Tensor>;
  if (inputs[moved[0]!]!.dtype !== 'bool') return original(args);
  return tf.tidy(() => {
    const integers = moved.map((name) => [name, tf.cast(inputs[name]!, 'int32')] as const);
    const result = original({ ...args, inputs: { ...inputs, ...Object.fromEntries(integers) } }) as tf.TensorInfo;
    return tf.cast(asTensor(result), 'bool');
  });
}

interface OneHotAttrs {
  depth: number;
  onValue: number;
  offValue: number;
  dtype?: tf.DataType;
}

/** Whatever the type, tfjs writes integers. */
function oneHot(args: Kernel, original: tf.KernelFunc) {
  const { depth, onValue, offValue, dtype = 'int32' } = args.attrs as unknown as OneHotAttrs;
  if (dtype === 'int32') return original(args);
  const { indices } = args.inputs as { indices: tf.TensorInfo };
  const backend = args.backend as Wasm;
  const out = backend.makeOutput([...indices.shape, depth], dtype);
  const [places, to] = [backend.typedArrayFromHeap(indices), backend.typedArrayFromHeap(out).fill(offValue)];
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place >= 0 && place < depth) to[i * depth + place] = onValue;
  }
  return out;
}

/** tfjs mixes up rows where there are batch axes. Here each batch's part of x follows the other's, and one gather reads all. */
function gather(args: Kernel, original: tf.KernelFunc): tf.TensorInfo {
  const { axis, batchDims } = args.attrs as { axis: number; batchDims: number };
  const { x, indices } = args.inputs as Record<'x' | 'indices', tf.Tensor>;
  if (batchDims === 0 || x.size * indices.size === 0) return original(args) as tf.TensorInfo;
  const at = axis < 0 ? axis + x.shape.length : axis;
  const [batch, outer] = [product(x.shape.slice(0, batchDims)), product(x.shape.slice(batchDims, at))];
  const [size, inner] = [x.shape[at]!, product(x.shape.slice(at + 1))];
  const count = indices.size / batch;
  const places = Int32Array.from((args.backend as Wasm).readSync(indices.dataId), (index, i) => {
    if (index < 0 || index >= size) throw new RangeError(`gather: the index ${index} is not in [0, ${size - 1}]`);
    return index + Math.floor(i / count) * size;
  });
  return tf.tidy(() => {
    const swap = (t: tf.Tensor) => (outer === 1 ? t : tf.transpose(t, [0, 2, 1, 3]));
    const rows = tf.reshape(swap(tf.reshape(x, [batch, outer, size, inner])), [batch * size, outer * inner]);
    const inputs = { x: rows, indices: tf.tensor1d(places, 'int32') };
    const found = asTensor(original({ ...args, inputs, attrs: { axis: 0, batchDims: 0 } }) as tf.TensorInfo);
    const shape = [...x.shape.slice(0, at), ...indices.shape.slice(batchDims), ...x.shape.slice(at + 1)];
    return tf.reshape(swap(tf.reshape(found, [batch, count, outer, inner])), shape);
  });
}

/** An alpha that x has to be repeated for. */
function prelu(args: Kernel, original: tf.KernelFunc) {
  const { x, alpha } = args.inputs as Record<'x' | 'alpha', tf.Tensor>;
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(x.shape, alpha.shape);
  if (x.dtype === 'float32' && tf.util.arraysEqual(shape, x.shape)) return original(args);
  return tf.tidy(() => tf.where(tf.less(x, 0), tf.mul(x, alpha), tf.broadcastTo(x, shape)));
}

/** tfjs cuts off the fraction first, so that 0.2 is false. */
function toBool(args: Kernel, original: tf.KernelFunc) {
  const { x } = args.inputs as { x: tf.Tensor };
  if ((args.attrs as { dtype: tf.DataType }).dtype !== 'bool' || x.dtype !== 'float32') return original(args);
  return tf.tidy(() => tf.notEqual(x, 0));
}

/** What is reduced over nothing: tfjs leaves whatever the memory held. */
const whereEmpty = (value: number) => (args: Kernel, original: tf.KernelFunc) => {
  const result = original(args) as tf.TensorInfo;
  const { x } = args.inputs as { x: tf.TensorInfo };
  if (x.shape.includes(0)) (args.backend as Wasm).typedArrayFromHeap(result).fill(value);
  return result;
};

interface Wasm {
  readSync(dataId: object): Int32Array;
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array;
}

/** tfjs takes numbers below a hundred-thousandth for 0. NaN has the sign NaN, as IEEE would have it; on cpu it is 0. */
function sign(args: Kernel, original: tf.KernelFunc) {
  const { x } = args.inputs as { x: tf.TensorInfo };
  if (x.dtype !== 'float32') return original(args);
  const backend = args.backend as Wasm;
  const out = backend.makeOutput(x.shape, 'float32');
  const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
  for (let i = 0; i < to.length; i++) {
    const value = from[i]!;
    to[i] = value > 0 ? 1 : value < 0 ? -1 : value;
  }
  return out;
}

const product = (sizes: number[]) => sizes.reduce((n, m) => n * m, 1);
