import * as tf from '@tensorflow/tfjs-core';
import { insertZeros } from '../gradients/rearranging.ts';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { execute, type Native, TENSORFLOW, withChanges } from './execute.ts';

type Info = Parameters<typeof tf.backend_util.computeConv2DInfo>;
type Conv2DInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

interface Attrs {
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
 * convolutions refuse strides that are not square. TensorFlow takes explicit paddings everywhere in two dimensions.
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

const named = (pad: Attrs['pad']) => pad === 'same' || pad === 'valid';

/** [top, bottom], [left, right]: with them, rounding down gives the sizes that tfjs promises, whichever way it rounds. */
function paddings(g: Conv2DInfo): [[number, number], [number, number]] {
  const { top, left } = g.padInfo;
  const bottom = (g.outHeight - 1) * g.strideHeight + g.effectiveFilterHeight - g.inHeight - top;
  const right = (g.outWidth - 1) * g.strideWidth + g.effectiveFilterWidth - g.inWidth - left;
  const padding = (before: number, after: number): [number, number] => [before, Math.max(0, after)];
  return [padding(top, bottom), padding(left, right)];
}

function forward(args: Kernel, original: tf.KernelFunc, depthwise: boolean): ReturnType<tf.KernelFunc> {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = args.attrs as unknown as Attrs;
  if (named(pad) || dataFormat === 'NCHW') return original(args);
  const { x, filter } = args.inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
  const rates = dilations ?? 1;
  const g = tf.backend_util.computeConv2DInfo(x.shape, filter.shape, strides, rates, pad, dimRoundingMode, depthwise);
  const exact = [[0, 0], ...paddings(g), [0, 0]];
  return original(withChanges(args, {}, { pad: exact, dimRoundingMode: undefined }));
}

function backward(
  kernelName: string,
  args: Kernel,
  original: tf.KernelFunc,
  depthwise: boolean,
): ReturnType<tf.KernelFunc> {
  const { strides, pad, dimRoundingMode, dataFormat, inputShape, filterShape } = args.attrs as unknown as Attrs;
  const { dy, x, filter } = args.inputs as { dy: tf.Tensor; x?: tf.Tensor4D; filter?: tf.Tensor4D };
  const [image, window] = [x?.shape ?? inputShape!, filter?.shape ?? filterShape!];
  const g = tf.backend_util.computeConv2DInfo(image, window, strides, 1, pad, dimRoundingMode, depthwise);
  const oblong = depthwise && g.strideHeight !== g.strideWidth;
  if (dataFormat === 'NCHW' || (named(pad) && !oblong)) return original(args);
  const [rows, columns] = paddings(g);
  return tf.tidy(() => {
    const sizes = tf.tensor1d(x === undefined ? image : window, 'int32');
    const slope = oblong ? spread(dy, g) : dy;
    return execute(args.backend as Native, kernelName, x === undefined ? [sizes, filter!, slope] : [x, sizes, slope], {
      strides: oblong ? [1, 1, 1, 1] : [1, g.strideHeight, g.strideWidth, 1],
      padding: 'EXPLICIT',
      explicit_paddings: [0, 0, ...rows, ...columns, 0, 0],
      data_format: 'NHWC',
    });
  });
}

/** dy of strides as that of strides 1: zeros between its elements, and after them where the strides leave out x's last rows. */
function spread(dy: tf.Tensor, g: Conv2DInfo): tf.Tensor {
  const dense = insertZeros(insertZeros(dy, 1, g.strideHeight), 2, g.strideWidth);
  const [[top, bottom], [left, right]] = paddings(g);
  const height = g.inHeight + top + bottom - g.effectiveFilterHeight + 1;
  const width = g.inWidth + left + right - g.effectiveFilterWidth + 1;
  return tf.pad(dense, [
    [0, 0],
    [0, height - dense.shape[1]!],
    [0, width - dense.shape[2]!],
    [0, 0],
  ]);
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
