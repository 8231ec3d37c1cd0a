import * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../wasm/own.ts';
import { type ConvAttrs, type ConvGeometry, convGeometry, geometryOf } from './conv-geometry.ts';
import { type Finish, finishByKernels, finishOf, gemm, NOTHING, workSpace } from './gemm.ts';

type ForwardArgs = KernelArgs<{ x: tf.TensorInfo; filter: tf.TensorInfo }, ConvAttrs>;
type FusedArgs = KernelArgs<
  { x: tf.TensorInfo; filter: tf.TensorInfo; bias?: tf.TensorInfo; preluActivationWeights?: tf.TensorInfo },
  ConvAttrs & { activation: string; leakyreluAlpha?: number }
>;
type FilterArgs = KernelArgs<{ x: tf.TensorInfo; dy: tf.TensorInfo }, ConvAttrs & { filterShape: number[] }>;
type InputArgs = KernelArgs<{ dy: tf.TensorInfo; filter: tf.TensorInfo }, ConvAttrs & { inputShape: number[] }>;

/** Conv2D by our own product. [B, H, W, C] [KH, KW, C, O] -> [B, OH, OW, O]. */
export function conv2d({ inputs: { x, filter }, attrs }: ForwardArgs, own: Own): tf.TensorInfo | undefined {
  return forward(own, x, filter, attrs, NOTHING);
}

/** FusedConv2D: the convolution, a bias and an activation in one; what the compiled kernel cannot do follows by plain kernels. */
export function fusedConv2d({ inputs, attrs, backend }: FusedArgs, own: Own): tf.TensorInfo | undefined {
  const finish = finishOf(own, { inputs, attrs }, inputs.filter.shape[3]!);
  const out = forward(own, inputs.x, inputs.filter, attrs, finish ?? NOTHING);
  if (out === undefined || finish !== undefined) return out;
  return finishByKernels(out, { inputs, attrs }, backend);
}

function forward(
  own: Own,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  attrs: ConvAttrs,
  finish: Finish,
): tf.TensorInfo | undefined {
  if (x.dtype !== 'float32' || filter.dtype !== 'float32' || attrs.dataFormat === 'NCHW') return undefined;
  const g = geometryOf(x.shape, filter.shape, attrs, false);
  if (filter.shape[2] !== g.channels) return undefined;
  if (g.filterHeight * g.filterWidth * g.channels === 0) return undefined;
  const out = own.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
  const rows = g.batch * g.outHeight * g.outWidth;
  const { channels, outChannels } = g;
  const [from, weights, to] = [own.address(x), own.address(filter), own.address(out)];
  if (rows * outChannels === 0) return out;
  if (isProduct(g)) {
    gemm(own, from, false, 0, weights, false, 0, to, rows, channels, outChannels, 1, finish);
    return out;
  }
  const { filterHeight, filterWidth } = g;
  const row = g.outWidth * outChannels;
  own.run.convRows!(
    ...[from, g.height, g.width, channels, g.outHeight, g.outWidth, g.strideH, g.strideW, -g.top, -g.left],
    ...[filterHeight, filterWidth, g.dilationH, g.dilationW, weights, filterWidth * channels * outChannels],
    ...[channels * outChannels, outChannels, 1, to, g.outHeight * row, row, outChannels, outChannels, 0, rows],
    ...[finish.bias, finish.activation, finish.alpha],
    workSpace(own, rowsSpace(filterHeight * filterWidth, filterWidth, channels, outChannels)),
  );
  return out;
}

/** A filter of one tap that meets every pixel: the image is a matrix [pixels, C]. */
const isProduct = (g: ConvGeometry): boolean =>
  g.filterHeight * g.filterWidth === 1 &&
  g.strideH * g.strideW === 1 &&
  g.height === g.outHeight &&
  g.width === g.outWidth &&
  g.top === 0 &&
  g.left === 0 &&
  g.channels > 0;

const HEAD = 192 + 4 * 96 * 256;

/** Bytes that convRows wants. */
const rowsSpace = (taps: number, tapsW: number, c: number, n: number): number =>
  HEAD + 24 * 96 + 4 * taps + 28 * Math.max(c, tapsW * Math.min(c, 15)) + 4 * taps * c * (Math.min(n, 512) + 7);

/**
 * Gradient by the filter: [B, H, W, C] and dy [B, OH, OW, O] -> [KH, KW, C, O]. tfjs has none to fall back on: both builds.
 * @throws RangeError for the layout NCHW, and for a dy of another shape than the output's.
 */
export function conv2dFilterGradient({ inputs: { x, dy }, attrs }: FilterArgs, own: Own): tf.TensorInfo | undefined {
  if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
  const g = convGeometry(tf.Conv2DBackpropFilter, x.shape, attrs.filterShape, dy.shape, attrs, false);
  const { channels, outChannels, filterWidth } = g;
  if (attrs.filterShape[2] !== channels) return undefined;
  const out = own.output(attrs.filterShape);
  const pixels = g.batch * g.outHeight * g.outWidth;
  const taps = g.filterHeight * filterWidth * channels;
  const [from, slope, to] = [own.address(x), own.address(dy), own.address(out)];
  if (taps * outChannels === 0) return out;
  if (pixels === 0) {
    own.run.gemmZero!(to, taps * outChannels);
  } else if (isProduct(g)) {
    gemm(own, from, true, 0, slope, false, 0, to, channels, pixels, outChannels, 1, NOTHING);
  } else {
    const run = Math.max(channels, 257 * filterWidth * Math.min(channels, 15));
    own.run.convFilter!(
      ...[from, g.height, g.width, channels, g.outHeight, g.outWidth, g.strideH, g.strideW, -g.top, -g.left],
      ...[filterWidth, g.dilationH, g.dilationW, slope, pixels, outChannels, to, 0, taps],
      workSpace(own, HEAD + 20 * 256 + 4 * run + 4 * 512 * (256 + outChannels)),
    );
  }
  return out;
}

const fits = (g: ConvGeometry, [batch, height, width, channels]: number[]): boolean =>
  batch === g.batch && height === g.outHeight && width === g.outWidth && channels === g.outChannels;

/** Gradient by the input, and so conv2dTranspose: dy [B, OH, OW, O] -> [B, H, W, C]. */
export function conv2dInputGradient({ inputs: { dy, filter }, attrs }: InputArgs, own: Own): tf.TensorInfo | undefined {
  if (dy.dtype !== 'float32' || filter.dtype !== 'float32' || attrs.dataFormat === 'NCHW') return undefined;
  const g = geometryOf(attrs.inputShape, filter.shape, attrs, false);
  if (filter.shape[2] !== g.channels || !fits(g, dy.shape)) return undefined;
  const out = own.output(attrs.inputShape);
  const size = g.batch * g.height * g.width * g.channels;
  const pixels = g.batch * g.outHeight * g.outWidth;
  const [slope, weights, to] = [own.address(dy), own.address(filter), own.address(out)];
  if (size === 0) return out;
  if (pixels * g.outChannels === 0) {
    own.run.gemmZero!(to, size);
  } else if (isProduct(g)) {
    gemm(own, slope, false, 0, weights, true, 0, to, pixels, g.outChannels, g.channels, 1, NOTHING);
  } else {
    const rows = phases(g.height, g.top, g.strideH, g.filterHeight, g.dilationH);
    const columns = phases(g.width, g.left, g.strideW, g.filterWidth, g.dilationW);
    if (rows.some(empty) || columns.some(empty)) own.run.gemmZero!(to, size); // pixels that no tap meets
    for (const h of rows) for (const w of columns) if (!empty(h) && !empty(w)) phase(own, g, h, w, slope, weights, to);
  }
  return out;
}

/**
 * Input pixels `first`, `first + stride`, ... along one axis. All meet the same taps: the last of them is `lastTap`, then every
 * `tapStep`-th before it; pixel i of them meets tap t, counted from the last, at output pixel i + offset + t step.
 */
interface Phase {
  first: number;
  count: number;
  taps: number;
  lastTap: number;
  tapStep: number;
  offset: number;
  step: number;
}

const empty = ({ taps }: Phase): boolean => taps === 0;

/** The gradient by the input comes apart into convolutions of dy with stride 1, one for every phase of the stride. */
function phases(size: number, pad: number, stride: number, taps: number, dilation: number): Phase[] {
  const result: Phase[] = [];
  for (let first = 0; first < Math.min(stride, size); first++) {
    const met: number[] = [];
    for (let tap = 0; tap < taps; tap++) if ((first + pad - tap * dilation) % stride === 0) met.push(tap);
    const lastTap = met.at(-1) ?? 0;
    const tapStep = met.length > 1 ? met[1]! - met[0]! : 1;
    result.push({
      first,
      count: Math.ceil((size - first) / stride),
      taps: met.length,
      lastTap,
      tapStep,
      offset: (first + pad - lastTap * dilation) / stride,
      step: met.length > 1 ? (tapStep * dilation) / stride : 1,
    });
  }
  return result;
}

function phase(own: Own, g: ConvGeometry, h: Phase, w: Phase, slope: number, weights: number, to: number): void {
  const { channels, outChannels } = g;
  const tap = channels * outChannels;
  const start = weights + 4 * (h.lastTap * g.filterWidth + w.lastTap) * tap;
  const out = to + 4 * (h.first * g.width + w.first) * channels;
  own.run.convRows!(
    ...[slope, g.outHeight, g.outWidth, outChannels, h.count, w.count, 1, 1, h.offset, w.offset],
    ...[h.taps, w.taps, h.step, w.step, start, -h.tapStep * g.filterWidth * tap, -w.tapStep * tap, 1, outChannels],
    ...[out, g.height * g.width * channels, g.strideH * g.width * channels, g.strideW * channels, channels],
    ...[0, g.batch * h.count * w.count, 0, 0, 0],
    workSpace(own, rowsSpace(h.taps * w.taps, w.taps, outChannels, channels)),
  );
}
