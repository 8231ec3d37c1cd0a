import * as tf from '@tensorflow/tfjs-core';
import { insertZeros } from '../gradients/rearranging.ts';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { execute, type Native, TENSORFLOW, withChanges } from './execute.ts';

type Info = Parameters<typeof tf.backend_util.computeConv2DInfo>;
type Conv2DInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

export interface Attrs {
  strides: Info[2];
  pad: Info[4];
  dilations?: Info[3];
  dimRoundingMode?: Info[5];
  dataFormat?: string;
  inputShape?: Info[0];
  filterShape?: Info[1];
}

/**
 * tfjs-node refuses padding by numbers, in gradients by lists too, and dilated conv3d; TensorFlow's gradients of depthwise
 * convolutions refuse strides that are not square; for no images they are whatever the memory held, and the convolution has
 * x's shape. Otherwise TensorFlow takes explicit paddings everywhere in two dimensions.
 */
export function mendConvolutions(): void {
  for (const kernelName of [tf.Conv2D, tf.FusedConv2D]) {
    mend(kernelName, TENSORFLOW, (args, original) => forward(args, original, false));
  }
  for (const kernelName of [tf.DepthwiseConv2dNative, tf.FusedDepthwiseConv2D]) {
    mend(kernelName, TENSORFLOW, (args, original) => forward(args, original, true));
  }
  for (const kernelName of [tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter]) {
    mend(kernelName, TENSORFLOW, (args, original) => backward(kernelName, args, original, false));
  }
  for (const kernelName of [tf.DepthwiseConv2dNativeBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter]) {
    mend(kernelName, TENSORFLOW, (args, original) => backward(kernelName, args, original, true));
  }
  mend(tf.Conv3D, TENSORFLOW, dilated3d);
}

export const named = (pad: Attrs['pad']) => pad === 'same' || pad === 'valid';

/** Paddings with which TensorFlow, which rounds sizes down, has at least as many rows and columns as tfjs: `out` of them. */
export function paddings(g: Conv2DInfo) {
  const axis = (before: number, input: number, window: number, stride: number, output: number) => {
    const after = Math.max(0, (output - 1) * stride + window - input - before);
    return { around: [before, after], out: Math.floor((input + before + after - window) / stride) + 1 };
  };
  return {
    rows: axis(g.padInfo.top, g.inHeight, g.effectiveFilterHeight, g.strideHeight, g.outHeight),
    columns: axis(g.padInfo.left, g.inWidth, g.effectiveFilterWidth, g.strideWidth, g.outWidth),
  };
}

function forward(args: Kernel, original: tf.KernelFunc, depthwise: boolean): ReturnType<tf.KernelFunc> {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = args.attrs as unknown as Attrs;
  const { x, filter } = args.inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
  if ((named(pad) && x.size > 0) || dataFormat === 'NCHW') return original(args);
  const rates = dilations ?? 1;
  const g = tf.backend_util.computeConv2DInfo(x.shape, filter.shape, strides, rates, pad, dimRoundingMode, depthwise);
  if (x.size === 0) return tf.zeros(g.outShape);
  const { rows, columns } = paddings(g);
  const exact = [[0, 0], rows.around, columns.around, [0, 0]];
  const call = () => original(withChanges(args, {}, { pad: exact, dimRoundingMode: undefined })) as tf.TensorInfo;
  if (rows.out === g.outHeight && columns.out === g.outWidth) return call();
  return tf.tidy(() => tf.slice(asTensor(call()), [0, 0, 0, 0], [-1, g.outHeight, g.outWidth, -1]));
}

function backward(kernelName: string, args: Kernel, original: tf.KernelFunc, depthwise: boolean) {
  const { strides, pad, dimRoundingMode, dataFormat, inputShape, filterShape } = args.attrs as unknown as Attrs;
  const { dy, x, filter } = args.inputs as { dy: tf.Tensor; x?: tf.Tensor4D; filter?: tf.Tensor4D };
  const [image, window] = [x?.shape ?? inputShape!, filter?.shape ?? filterShape!];
  if (dy.size === 0) return tf.zeros(x === undefined ? image : window);
  const g = tf.backend_util.computeConv2DInfo(image, window, strides, 1, pad, dimRoundingMode, depthwise);
  const oblong = depthwise && g.strideHeight !== g.strideWidth;
  if (dataFormat === 'NCHW' || (named(pad) && !oblong)) return original(args);
  const { rows, columns } = paddings(g);
  const [stepY, stepX] = oblong ? [1, 1] : [g.strideHeight, g.strideWidth];
  const sizes = oblong
    ? [g.inHeight + sum(rows.around) - g.filterHeight + 1, g.inWidth + sum(columns.around) - g.filterWidth + 1]
    : [rows.out, columns.out];
  return tf.tidy(() => {
    const shape = tf.tensor1d(x === undefined ? image : window, 'int32');
    const dense = oblong ? insertZeros(insertZeros(dy, 1, g.strideHeight), 2, g.strideWidth) : dy;
    const slope = extend(dense, sizes);
    return execute(args.backend as Native, kernelName, x === undefined ? [shape, filter!, slope] : [x, shape, slope], {
      strides: [1, stepY, stepX, 1],
      padding: 'EXPLICIT',
      explicit_paddings: [0, 0, ...rows.around, ...columns.around, 0, 0],
      data_format: 'NHWC',
    });
  });
}

const sum = ([before, after]: number[]) => before! + after!;

/** dy with zeros for the rows and columns that TensorFlow has beyond those of tfjs. */
function extend(dy: tf.Tensor, [height, width]: number[]): tf.Tensor {
  const [more, wider] = [height! - dy.shape[1]!, width! - dy.shape[2]!];
  if (more === 0 && wider === 0) return dy;
  const nothing: [number, number] = [0, 0];
  return tf.pad(dy, [nothing, [0, more], [0, wider], nothing]);
}

/** TensorFlow's CPU kernel does not dilate: a filter with zeros between its taps does the same. */
function dilated3d(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { dilations = 1 } = args.attrs as { dilations?: number | number[] };
  const rates = typeof dilations === 'number' ? [dilations, dilations, dilations] : dilations;
  if (rates.every((rate) => rate === 1)) return original(args);
  return tf.tidy(() => {
    const { filter } = args.inputs as { filter: tf.Tensor };
    const spaced = rates.reduce((taps, rate, axis) => insertZeros(taps, axis, rate), filter);
    return asTensor(original(withChanges(args, { filter: spaced }, { dilations: 1 })) as tf.TensorInfo);
  });
}
