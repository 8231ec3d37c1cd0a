import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, OwnKernel } from '../wasm/own.ts';

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];
type Info = Parameters<typeof tf.backend_util.computePool3DInfo>;
type Numbers = Float32Array | Int32Array;

export interface PoolAttrs {
  filterSize: Info[1];
  strides: Info[2];
  pad: Info[4];
  dimRoundingMode?: Info[5];
}

/** Windows over [batch, depth, height, width, channels]; images have depth 1. Each list is depth, height, width. */
export interface Windows {
  batch: number;
  channels: number;
  input: number[];
  output: number[];
  window: number[];
  stride: number[];
  before: number[];
}

export function windows2d(shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttrs): Windows {
  const size = filterSize as number; // or a pair
  const steps = strides as number;
  const i = tf.backend_util.computePool2DInfo(shape as Shape4, size, steps, 1, pad, dimRoundingMode);
  return {
    batch: i.batchSize,
    channels: i.inChannels,
    input: [1, i.inHeight, i.inWidth],
    output: [1, i.outHeight, i.outWidth],
    window: [1, i.filterHeight, i.filterWidth],
    stride: [1, i.strideHeight, i.strideWidth],
    before: [0, i.padInfo.top, i.padInfo.left],
  };
}

export function windows3d(shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttrs): Windows {
  const i = tf.backend_util.computePool3DInfo(shape as Shape5, filterSize, strides, 1, pad, dimRoundingMode);
  return {
    batch: i.batchSize,
    channels: i.inChannels,
    input: [i.inDepth, i.inHeight, i.inWidth],
    output: [i.outDepth, i.outHeight, i.outWidth],
    window: [i.filterDepth, i.filterHeight, i.filterWidth],
    stride: [i.strideDepth, i.strideHeight, i.strideWidth],
    before: [i.padInfo.front, i.padInfo.top, i.padInfo.left],
  };
}

/**
 * For each window and channel the greatest number into `best` and where it stands in x into `at` (-1 for a window of NaN
 * and -Infinity alone, as on the CPU engine); calls `done` with the first element of the output that the window has.
 * Of equal numbers the first counts, or the last.
 */
function eachWindow(
  w: Windows,
  x: Numbers,
  last: boolean,
  best: Float64Array,
  at: Int32Array,
  done: (output: number) => void,
): void {
  const { batch, channels, input, output, window, stride, before } = w;
  const [depth, height, width] = input as [number, number, number];
  const [outDepth, outHeight, outWidth] = output as [number, number, number];
  let out = 0;
  for (let b = 0; b < batch; b++) {
    for (let d = 0; d < outDepth; d++) {
      const front = d * stride[0]! - before[0]!;
      const [d0, d1] = [Math.max(0, front), Math.min(depth, front + window[0]!)];
      for (let h = 0; h < outHeight; h++) {
        const top = h * stride[1]! - before[1]!;
        const [h0, h1] = [Math.max(0, top), Math.min(height, top + window[1]!)];
        for (let v = 0; v < outWidth; v++, out += channels) {
          const left = v * stride[2]! - before[2]!;
          const [v0, v1] = [Math.max(0, left), Math.min(width, left + window[2]!)];
          best.fill(Number.NEGATIVE_INFINITY);
          at.fill(-1);
          for (let id = d0; id < d1; id++) {
            for (let ih = h0; ih < h1; ih++) {
              let from = (((b * depth + id) * height + ih) * width + v0) * channels;
              for (let iv = v0; iv < v1; iv++) {
                for (let c = 0; c < channels; c++, from++) {
                  const value = x[from]!;
                  if (value > best[c]! || (last && value === best[c]!)) {
                    best[c] = value;
                    at[c] = from;
                  }
                }
              }
            }
          }
          done(out);
        }
      }
    }
  }
}

/** Pooling by the maximum: x -> y. */
export function poolMax(w: Windows, x: Numbers, y: Numbers): void {
  const best = new Float64Array(w.channels);
  eachWindow(w, x, false, best, new Int32Array(w.channels), (out) => y.set(best, out));
}

/** Its gradient: dx gets each dy where the window's maximum stands in x. */
export function poolMaxGradient(w: Windows, x: Numbers, dy: Numbers, dx: Numbers, last: boolean): void {
  const { channels } = w;
  const at = new Int32Array(channels);
  dx.fill(0);
  eachWindow(w, x, last, new Float64Array(channels), at, (out) => {
    for (let c = 0; c < channels; c++) {
      const to = at[c]!;
      if (to >= 0) dx[to] = dx[to]! + dy[out + c]!;
    }
  });
}

type PoolInputs = { x: tf.TensorInfo };
type GradientInputs = { dy: tf.TensorInfo; input: tf.TensorInfo };

const floats = (backend: BackendWasm, info: tf.TensorInfo) => backend.typedArrayFromHeap(info) as Float32Array;

/** tfjs's begins at the smallest positive number, so that windows of negative numbers have the maximum 0. */
export const maxPool3d: OwnKernel = (({ inputs: { x }, attrs, backend }: KernelArgs<PoolInputs, PoolAttrs>) => {
  const w = windows3d(x.shape, attrs);
  const out = backend.makeOutput([w.batch, ...w.output, w.channels], x.dtype);
  poolMax(w, floats(backend, x), floats(backend, out));
  return out;
}) as OwnKernel;

const gradient = (windows: typeof windows2d, last: boolean): OwnKernel =>
  (({ inputs: { dy, input }, attrs, backend }: KernelArgs<GradientInputs, PoolAttrs>) => {
    const dx = backend.makeOutput(input.shape, 'float32');
    const w = windows(input.shape, attrs);
    poolMaxGradient(w, floats(backend, input), floats(backend, dy), floats(backend, dx), last);
    return dx;
  }) as OwnKernel;

/** tfjs's sends nothing anywhere from windows without a positive number. Of equal maxima the first gets it, as on cpu. */
export const maxPoolGrad = gradient(windows2d, false);

/** Of equal maxima the last gets it, as on cpu. */
export const maxPool3dGrad = gradient(windows3d, true);

type ArgmaxAttrs = PoolAttrs & { includeBatchInIndex: boolean };

/** Maxima and where they stand in each image, or in the batch. tfjs's begins at the smallest positive number here too. */
export const maxPoolWithArgmax = (({ inputs: { x }, attrs, backend }: KernelArgs<PoolInputs, ArgmaxAttrs>) => {
  const w = windows2d(x.shape, attrs);
  const shape = [w.batch, w.output[1]!, w.output[2]!, w.channels];
  const [pooled, places] = [backend.makeOutput(shape, x.dtype), backend.makeOutput(shape, 'int32')];
  const [values, indices] = [floats(backend, pooled), floats(backend, places)];
  const best = new Float64Array(w.channels);
  const at = new Int32Array(w.channels);
  const [image, perImage] = [w.input[1]! * w.input[2]! * w.channels, w.output[1]! * w.output[2]! * w.channels];
  eachWindow(w, floats(backend, x), false, best, at, (out) => {
    const start = attrs.includeBatchInIndex ? 0 : Math.floor(out / perImage) * image;
    values.set(best, out);
    for (let c = 0; c < w.channels; c++) indices[out + c] = at[c]! < 0 ? -1 : at[c]! - start;
  });
  return [pooled, places];
}) as OwnKernel;
