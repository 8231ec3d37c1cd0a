import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, OwnKernel } from '../wasm/own.ts';

type Info = Parameters<typeof tf.backend_util.computeDilation2DInfo>;

interface Attrs {
  strides: Info[2];
  pad: Info[3];
  dilations: Info[5];
}

type Args = KernelArgs<{ x: tf.TensorInfo; filter: tf.TensorInfo; dy: tf.TensorInfo }, Attrs>;

/** What the CPU engine starts from: a window without a greater sum has this. */
const LEAST = Number.MIN_SAFE_INTEGER;

const numbers = (backend: BackendWasm, info: tf.TensorInfo) => backend.typedArrayFromHeap(info) as Float32Array;

/**
 * Calls `done` for each output and channel with the greatest x + filter of its window, and where that stands in both. tfjs's
 * begins at the smallest positive number, so that windows of negative sums have the maximum 0 and no gradient.
 */
function eachWindow(
  { inputs: { x, filter }, attrs, backend }: Args,
  done: (output: number, best: number, inX: number, inFilter: number) => void,
): number[] {
  const { strides, pad, dilations } = attrs;
  const shapes = [x.shape, filter.shape] as [Info[0], Info[1]];
  const g = tf.backend_util.computeDilation2DInfo(...shapes, strides, pad, 'NHWC', dilations);
  const [values, weights] = [numbers(backend, x), numbers(backend, filter)];
  const channels = g.inChannels;
  let output = 0;
  for (let b = 0; b < g.batchSize; b++) {
    for (let oh = 0; oh < g.outHeight; oh++) {
      const top = oh * g.strideHeight - g.padInfo.top;
      for (let ow = 0; ow < g.outWidth; ow++) {
        const left = ow * g.strideWidth - g.padInfo.left;
        for (let c = 0; c < channels; c++, output++) {
          let best = LEAST;
          let inX = ((b * g.inHeight + Math.max(0, top)) * g.inWidth + Math.max(0, left)) * channels + c;
          let inFilter = c;
          for (let h = 0; h < g.filterHeight; h++) {
            const ih = top + h * g.dilationHeight;
            if (ih < 0 || ih >= g.inHeight) continue;
            for (let w = 0; w < g.filterWidth; w++) {
              const iw = left + w * g.dilationWidth;
              if (iw < 0 || iw >= g.inWidth) continue;
              const atX = ((b * g.inHeight + ih) * g.inWidth + iw) * channels + c;
              const atFilter = (h * g.filterWidth + w) * channels + c;
              const value = values[atX]! + weights[atFilter]!;
              if (value > best) [best, inX, inFilter] = [value, atX, atFilter];
            }
          }
          done(output, best, inX, inFilter);
        }
      }
    }
  }
  return g.outShape;
}

/** Greyscale dilation: [B, H, W, C] -> [B, OH, OW, C]. */
export const dilation2d = ((args: Args) => {
  const { x, filter } = args.inputs;
  const { strides, pad, dilations } = args.attrs;
  const shapes = [x.shape, filter.shape] as [Info[0], Info[1]];
  const { outShape } = tf.backend_util.computeDilation2DInfo(...shapes, strides, pad, 'NHWC', dilations);
  const out = args.backend.makeOutput(outShape, x.dtype);
  const y = numbers(args.backend, out);
  eachWindow(args, (output, best) => {
    y[output] = best;
  });
  return out;
}) as unknown as OwnKernel;

/** Its gradients: each dy goes to the place in x, or in the filter, that gave its window's maximum. */
const gradient = (by: 'x' | 'filter') =>
  ((args: Args) => {
    const { shape } = args.inputs[by];
    const out = args.backend.makeOutput(shape, 'float32');
    const [dy, slope] = [numbers(args.backend, args.inputs.dy), numbers(args.backend, out).fill(0)];
    eachWindow(args, (output, _best, inX, inFilter) => {
      const at = by === 'x' ? inX : inFilter;
      slope[at] = slope[at]! + dy[output]!;
    });
    return out;
  }) as unknown as OwnKernel;

export const dilation2dBackpropInput = gradient('x');
export const dilation2dBackpropFilter = gradient('filter');
