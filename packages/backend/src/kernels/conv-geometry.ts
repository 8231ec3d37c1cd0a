import { backend_util } from '@tensorflow/tfjs-core';

/** The sizes of a convolution, NHWC. An output pixel (oh, ow) meets input (oh * strideH - top + kh * dilationH, ...). */
export interface ConvGeometry {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideH: number;
  strideW: number;
  dilationH: number;
  dilationW: number;
  top: number;
  left: number;
}

type Shape4 = [number, number, number, number];
type Info = Parameters<typeof backend_util.computeConv2DInfo>;

/** Attributes that tfjs hands to the gradient kernels of convolutions. */
export interface ConvAttrs {
  strides: Info[2];
  pad: Info[4];
  dilations?: Info[3];
  dimRoundingMode?: Info[5];
  dataFormat?: 'NHWC' | 'NCHW';
}

/**
 * @throws RangeError if the layout is NCHW, or if `dy`, the gradient of the output, has another shape than the
 * convolution's output.
 */
export function convGeometry(
  kernel: string,
  xShape: number[],
  filterShape: number[],
  dyShape: number[],
  attrs: ConvAttrs,
  depthwise: boolean,
): ConvGeometry {
  const { dataFormat = 'NHWC' } = attrs;
  if (dataFormat !== 'NHWC') {
    throw new RangeError(`${kernel} on wasm: expected the layout NHWC, got ${dataFormat}. Transpose the images first.`);
  }
  const g = geometryOf(xShape, filterShape, attrs, depthwise);
  const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
  if (String(dyShape) !== String(shape)) {
    throw new RangeError(`${kernel} on wasm: expected dy of shape [${shape}], got [${dyShape}].`);
  }
  return g;
}

/** The sizes of a convolution whose layout is NHWC. */
export function geometryOf(
  xShape: number[],
  filterShape: number[],
  { strides, pad, dilations = [1, 1], dimRoundingMode }: ConvAttrs,
  depthwise: boolean,
): ConvGeometry {
  const info = backend_util.computeConv2DInfo(
    xShape as Shape4,
    filterShape as Shape4,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideH: info.strideHeight,
    strideW: info.strideWidth,
    dilationH: info.dilationHeight,
    dilationW: info.dilationWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
}

/** The output columns [from, to) whose input column under filter column `kw` lies inside the image. */
export function insideColumns(g: ConvGeometry, kw: number): [from: number, to: number] {
  const shift = g.left - kw * g.dilationW;
  const from = Math.min(g.outWidth, Math.max(0, Math.ceil(shift / g.strideW)));
  const to = Math.min(g.outWidth, Math.floor((g.width - 1 + shift) / g.strideW) + 1);
  return [from, Math.max(from, to)];
}
