import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttrs, type ConvGeometry, convGeometry, insideColumns } from './conv-geometry.ts';
import { Heap } from './heap.ts';
import { transpose } from './transpose.ts';

/** Elements of the unrolled gradient at a time: 2 MB. */
const CHUNK = 2 ** 19;

interface Args {
  inputs: { dy: TensorInfo; filter: TensorInfo };
  attrs: ConvAttrs & { inputShape: number[] };
  backend: BackendWasm;
}

/**
 * Gradient of conv2d by its input, and so conv2dTranspose: [B, OH, OW, O] -> [B, H, W, C].
 *
 * With stride 1 it is a convolution of dy with the filter turned round; else patches [P, KH KW C] =
 * dy [P, O] filter^T, added into the image where they belong. tfjs's own loop does 2 to 4 GFLOP/s,
 * and still serves the layout NCHW.
 */
export function fastConv2dBackpropInput(original: KernelFunc): KernelFunc {
  const kernel = (args: Args): TensorInfo | TensorInfo[] =>
    args.attrs.dataFormat === 'NCHW' ? original(args as never) : conv2dBackpropInput(args);
  return kernel as unknown as KernelFunc;
}

function conv2dBackpropInput({ inputs: { dy, filter }, attrs, backend }: Args): TensorInfo {
  const g = convGeometry('Conv2DBackpropInput', attrs.inputShape, filter.shape, dy.shape, attrs, false);
  const heap = Heap.of(backend);
  const out = backend.makeOutput(attrs.inputShape, 'float32');
  const pixels = g.batch * g.outHeight * g.outWidth;
  if (pixels * g.outChannels * g.filterHeight * g.filterWidth * g.channels === 0) heap.floats(out).fill(0);
  else if (!turnedConvolution(heap, dy, filter, out, g)) addPatches(heap, dy, filter, out, g);
  return out;
}

/** False if the strides or paddings do not allow it. */
function turnedConvolution(heap: Heap, dy: TensorInfo, filter: TensorInfo, out: TensorInfo, g: ConvGeometry): boolean {
  const top = g.filterHeight - 1 - g.top;
  const left = g.filterWidth - 1 - g.left;
  const bottom = g.height - g.outHeight + g.top;
  const right = g.width - g.outWidth + g.left;
  const plain = g.strideH === 1 && g.strideW === 1 && g.dilationH === 1 && g.dilationW === 1;
  if (!plain || Math.min(top, left, bottom, right) < 0) return false;
  const { channels, outChannels } = g;
  const taps = g.filterHeight * g.filterWidth;
  heap.scratch(taps * channels * outChannels, (turned) => {
    const from = heap.floats(filter);
    const to = heap.floats(turned);
    for (let tap = 0; tap < taps; tap++) {
      const start = (taps - 1 - tap) * channels * outChannels;
      for (let c = 0; c < channels; c++) {
        const row = (tap * channels + c) * outChannels;
        for (let o = 0; o < outChannels; o++) to[start + o * channels + c] = from[row + o]!;
      }
    }
    heap.alias(dy, 0, g.batch * g.outHeight * g.outWidth * outChannels, (x) =>
      heap.alias(turned, 0, taps * channels * outChannels, (weights) =>
        heap.alias(out, 0, g.batch * g.height * g.width * channels, (y) =>
          heap.convolve(x, weights, y, {
            batch: g.batch,
            height: g.outHeight,
            width: g.outWidth,
            channels: outChannels,
            outChannels: channels,
            filterHeight: g.filterHeight,
            filterWidth: g.filterWidth,
            pad: [top, right, bottom, left],
          }),
        ),
      ),
    );
  });
  return true;
}

function addPatches(heap: Heap, dy: TensorInfo, filter: TensorInfo, out: TensorInfo, g: ConvGeometry): void {
  const { outWidth, outChannels } = g;
  const taps = g.filterHeight * g.filterWidth * g.channels;
  const rows = g.batch * g.outHeight;
  const rowsAtOnce = Math.min(rows, Math.max(1, Math.floor(CHUNK / (taps * outWidth))));
  heap.scratch(taps * outChannels, (turned) =>
    heap.scratch(rowsAtOnce * outWidth * taps, (patches) => {
      transpose(heap.floats(filter), heap.floats(turned), 0, taps, outChannels);
      heap.floats(out).fill(0);
      // One id for the filter throughout: XNNPACK packs it once.
      heap.alias(turned, 0, taps * outChannels, (b) => {
        for (let first = 0; first < rows; first += rowsAtOnce) {
          const count = Math.min(rowsAtOnce, rows - first);
          const pixels = count * outWidth;
          heap.alias(dy, first * outWidth * outChannels, pixels * outChannels, (a) =>
            heap.alias(patches, 0, pixels * taps, (c) => heap.product(a, b, c, pixels, outChannels, taps)),
          );
          add(heap.floats(patches), heap.floats(out), g, first, count);
        }
      });
    }),
  );
}

/** Adds patches [count OW, KH KW C] of output rows [first, first + count) into the image they came from. */
function add(patches: Float32Array, image: Float32Array, g: ConvGeometry, first: number, count: number): void {
  const { channels, height, width, outHeight, outWidth } = g;
  const taps = g.filterHeight * g.filterWidth * channels;
  const step = g.strideW * channels;
  for (let r = 0; r < count; r++) {
    const index = Math.floor((first + r) / outHeight);
    for (let kh = 0; kh < g.filterHeight; kh++) {
      const ih = ((first + r) % outHeight) * g.strideH - g.top + kh * g.dilationH;
      if (ih < 0 || ih >= height) continue;
      for (let kw = 0; kw < g.filterWidth; kw++) {
        const [from, to] = insideColumns(g, kw);
        let at = (r * outWidth + from) * taps + (kh * g.filterWidth + kw) * channels;
        let into = ((index * height + ih) * width + from * g.strideW - g.left + kw * g.dilationW) * channels;
        for (let ow = from; ow < to; ow++, at += taps, into += step) {
          for (let c = 0; c < channels; c++) image[into + c] = image[into + c]! + patches[at + c]!;
        }
      }
    }
  }
}
