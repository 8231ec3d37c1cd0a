import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Own } from '../wasm/own.ts';
import { type ConvAttrs, type ConvGeometry, convGeometry } from './conv-geometry.ts';

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
export function depthwiseBackpropFilter({ inputs: { x, dy }, attrs }: FilterArgs): TensorInfo {
  const name = 'DepthwiseConv2dNativeBackpropFilter';
  const g = convGeometry(name, x.shape, attrs.filterShape, dy.shape, attrs, true);
  return run(g, attrs.filterShape, (own, out) => [false, own.address(x), out, own.address(dy)]);
}

/** Gradient of depthwiseConv2d by its input [B, H, W, C]. */
export function depthwiseBackpropInput({ inputs: { dy, filter }, attrs }: InputArgs): TensorInfo {
  const name = 'DepthwiseConv2dNativeBackpropInput';
  const g = convGeometry(name, attrs.inputShape, filter.shape, dy.shape, attrs, true);
  return run(g, attrs.inputShape, (own, out) => [true, out, own.address(filter), own.address(dy)]);
}

type Addresses = [byInput: boolean, x: number, filter: number, dy: number];

function run(g: ConvGeometry, shape: number[], addresses: (own: Own, out: number) => Addresses): TensorInfo {
  const own = Own.get()!;
  const out = own.output(shape);
  const [byInput, x, filter, dy] = addresses(own, own.address(out));
  own.run.gemmZero!(own.address(out), util.sizeFromShape(shape));
  if (g.channels === 0) return out;
  own.run.depthwise!(
    ...[Number(byInput), x, g.height, g.width, g.channels, g.outChannels / g.channels, g.outHeight, g.outWidth],
    ...[g.strideH, g.strideW, g.top, g.left, g.filterHeight, g.filterWidth, g.dilationH, g.dilationW],
    ...[filter, dy, 0, g.batch],
  );
  return out;
}
