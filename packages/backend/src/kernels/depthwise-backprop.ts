import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttrs, type ConvGeometry, convGeometry, insideColumns } from './conv-geometry.ts';
import { Heap } from './heap.ts';

interface FilterArgs {
  inputs: { x: TensorInfo; dy: TensorInfo };
  attrs: ConvAttrs & { filterShape: number[] };
  backend: BackendWasm;
}

interface InputArgs {
  inputs: { dy: TensorInfo; filter: TensorInfo };
  attrs: ConvAttrs & { inputShape: number[] };
  backend: BackendWasm;
}

/** Gradient of depthwiseConv2d by its filter [KH, KW, C, M]; output channel c M + m comes from input channel c. */
export function depthwiseBackpropFilter({ inputs: { x, dy }, attrs, backend }: FilterArgs): TensorInfo {
  const name = 'DepthwiseConv2dNativeBackpropFilter';
  const g = convGeometry(name, x.shape, attrs.filterShape, dy.shape, attrs, true);
  const heap = Heap.of(backend);
  const out = backend.makeOutput(attrs.filterShape, 'float32');
  const [image, slope] = [heap.floats(x), heap.floats(dy)];
  const { channels, outChannels } = g;
  const multiplier = attrs.filterShape[3]!;
  const sum = new Float64Array(g.filterHeight * g.filterWidth * outChannels);
  visit(g, (tap, input, output) => {
    const at = tap * outChannels;
    for (let c = 0, i = 0; c < channels; c++) {
      const value = image[input + c]!;
      for (let m = 0; m < multiplier; m++, i++) sum[at + i] = sum[at + i]! + value * slope[output + i]!;
    }
  });
  heap.floats(out).set(sum);
  return out;
}

/** Gradient of depthwiseConv2d by its input [B, H, W, C]. */
export function depthwiseBackpropInput({ inputs: { dy, filter }, attrs, backend }: InputArgs): TensorInfo {
  const name = 'DepthwiseConv2dNativeBackpropInput';
  const g = convGeometry(name, attrs.inputShape, filter.shape, dy.shape, attrs, true);
  const heap = Heap.of(backend);
  const out = backend.makeOutput(attrs.inputShape, 'float32');
  const image = heap.floats(out).fill(0);
  const [weights, slope] = [heap.floats(filter), heap.floats(dy)];
  const { channels, outChannels } = g;
  const multiplier = filter.shape[3]!;
  visit(g, (tap, input, output) => {
    const at = tap * outChannels;
    for (let c = 0, i = 0; c < channels; c++) {
      let value = image[input + c]!;
      for (let m = 0; m < multiplier; m++, i++) value += weights[at + i]! * slope[output + i]!;
      image[input + c] = value;
    }
  });
  return out;
}

/** Calls `f` for every output pixel and filter tap that meet inside the image, with the pixels' first elements. */
function visit(g: ConvGeometry, f: (tap: number, input: number, output: number) => void): void {
  for (let r = 0; r < g.batch * g.outHeight; r++) {
    const image = Math.floor(r / g.outHeight);
    for (let kh = 0; kh < g.filterHeight; kh++) {
      const ih = (r % g.outHeight) * g.strideH - g.top + kh * g.dilationH;
      if (ih < 0 || ih >= g.height) continue;
      for (let kw = 0; kw < g.filterWidth; kw++) {
        const [from, to] = insideColumns(g, kw);
        for (let ow = from; ow < to; ow++) {
          const iw = ow * g.strideW - g.left + kw * g.dilationW;
          const input = ((image * g.height + ih) * g.width + iw) * g.channels;
          f(kh * g.filterWidth + kw, input, (r * g.outWidth + ow) * g.outChannels);
        }
      }
    }
  }
}
