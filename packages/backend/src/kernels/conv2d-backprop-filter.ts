import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttrs, type ConvGeometry, convGeometry, insideColumns } from './conv-geometry.ts';
import { Heap } from './heap.ts';

/** Elements of the unrolled image at a time: 2 MB, which stays in the cache between being written and multiplied. */
const CHUNK = 2 ** 19;

interface Args {
  inputs: { x: TensorInfo; dy: TensorInfo };
  attrs: ConvAttrs & { filterShape: number[] };
  backend: BackendWasm;
}

/**
 * Gradient of conv2d by its filter: dW [KH, KW, C, O] = patches [KH KW C, P] dy [P, O], where the P = B OH OW
 * patches are unrolled a few image rows at a time and the products of the parts are added up.
 */
export function conv2dBackpropFilter({ inputs: { x, dy }, attrs, backend }: Args): TensorInfo {
  const g = convGeometry('Conv2DBackpropFilter', x.shape, attrs.filterShape, dy.shape, attrs, false);
  const heap = Heap.of(backend);
  const { outWidth, outChannels } = g;
  const out = backend.makeOutput(attrs.filterShape, 'float32');
  const taps = g.filterHeight * g.filterWidth * g.channels;
  const size = taps * outChannels;
  const rows = g.batch * g.outHeight; // of output pixels
  if (size === 0) return out;
  if (rows * outWidth === 0) {
    heap.floats(out).fill(0);
    return out;
  }
  const rowsAtOnce = Math.min(rows, Math.max(1, Math.floor(CHUNK / (taps * outWidth))));
  heap.scratch(taps * rowsAtOnce * outWidth, (patches) => {
    const multiply = (first: number, count: number, into: TensorInfo): void => {
      unroll(heap.floats(x), heap.floats(patches), g, first, count);
      const pixels = count * outWidth;
      heap.alias(patches, 0, taps * pixels, (a) =>
        heap.alias(dy, first * outWidth * outChannels, pixels * outChannels, (b) =>
          heap.alias(into, 0, size, (c) => heap.product(a, b, c, taps, pixels, outChannels)),
        ),
      );
    };
    multiply(0, rowsAtOnce, out);
    if (rowsAtOnce === rows) return;
    heap.scratch(size, (part) => {
      for (let first = rowsAtOnce; first < rows; first += rowsAtOnce) {
        multiply(first, Math.min(rowsAtOnce, rows - first), part);
        const sum = heap.floats(out);
        const term = heap.floats(part);
        for (let i = 0; i < size; i++) sum[i] = sum[i]! + term[i]!;
      }
    });
  });
  return out;
}

/** patches [KH KW C, count OW] = the input under each filter tap, for output rows [first, first + count) of B OH. */
function unroll(x: Float32Array, patches: Float32Array, g: ConvGeometry, first: number, count: number): void {
  const { channels, height, width, outHeight, outWidth } = g;
  const pixels = count * outWidth;
  const step = g.strideW * channels;
  for (let kh = 0; kh < g.filterHeight; kh++) {
    for (let kw = 0; kw < g.filterWidth; kw++) {
      const [from, to] = insideColumns(g, kw);
      const tap = (kh * g.filterWidth + kw) * channels * pixels;
      for (let r = 0; r < count; r++) {
        const image = Math.floor((first + r) / outHeight);
        const ih = ((first + r) % outHeight) * g.strideH - g.top + kh * g.dilationH;
        const inside = ih >= 0 && ih < height;
        const iw = from * g.strideW - g.left + kw * g.dilationW;
        const base = ((image * height + ih) * width + iw) * channels;
        for (let c = 0, row = tap + r * outWidth; c < channels; c++, row += pixels) {
          if (!inside) {
            patches.fill(0, row, row + outWidth);
            continue;
          }
          for (let i = row; i < row + from; i++) patches[i] = 0;
          for (let i = row + from, at = base + c; i < row + to; i++, at += step) patches[i] = x[at]!;
          for (let i = row + to; i < row + outWidth; i++) patches[i] = 0;
        }
      }
    }
  }
}
