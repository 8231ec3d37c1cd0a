import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type Kernel, mend } from './mended.ts';

type Info = Parameters<typeof tf.backend_util.computeConv2DInfo>;
type Pool = Parameters<typeof tf.backend_util.computePool2DInfo>;

interface Attrs {
  filterSize?: Pool[1];
  strides: Info[2];
  dilations?: Info[3];
  pad: Info[4];
  dimRoundingMode?: Info[5];
  dataFormat?: string;
}

/**
 * XNNPACK works out for itself how large a result is, and writes beyond ours where tfjs has it smaller: padding by one number
 * beside a window, strides or dilations that are not square (tfjs takes the height for both), sizes rounded up. And it does
 * nothing for 'same' where a stride is larger than the filter. These get paddings that leave no doubt.
 */
export function mendPaddings(): void {
  for (const kernelName of [tf.Conv2D, tf.FusedConv2D, tf.MaxPool, tf.AvgPool]) {
    mend(kernelName, 'wasm', (args, original) => exact(args, original, false));
  }
  for (const kernelName of [tf.DepthwiseConv2dNative, tf.FusedDepthwiseConv2D]) {
    mend(kernelName, 'wasm', (args, original) => exact(args, original, true));
  }
}

const both = (size: number | number[]): number[] => (typeof size === 'number' ? [size, size] : size);

/** Whether tfjs and XNNPACK may see it differently. */
function doubtful(window: number[], { strides, dilations = 1, pad, dimRoundingMode }: Attrs): boolean {
  if (dimRoundingMode === 'ceil' || dimRoundingMode === 'round') return true;
  const [steps, rates] = [both(strides), both(dilations)];
  if (pad === 'same') return steps.some((step, i) => step > (window[i]! - 1) * rates[i]! + 1);
  return typeof pad === 'number' && (window[0] !== window[1] || steps[0] !== steps[1] || rates[0] !== rates[1]);
}

function exact(args: Kernel, original: tf.KernelFunc, depthwise: boolean): ReturnType<tf.KernelFunc> {
  const attrs = args.attrs as unknown as Attrs;
  const { x, filter } = args.inputs as { x: tf.Tensor4D; filter?: tf.Tensor4D };
  const window = attrs.filterSize === undefined ? filter!.shape : both(attrs.filterSize);
  if (attrs.dataFormat === 'NCHW' || x.dtype !== 'float32' || !doubtful(window, attrs)) return original(args);
  const { strides, dilations = 1, pad, dimRoundingMode } = attrs;
  const g =
    attrs.filterSize === undefined
      ? tf.backend_util.computeConv2DInfo(x.shape, filter!.shape, strides, dilations, pad, dimRoundingMode, depthwise)
      : tf.backend_util.computePool2DInfo(x.shape, attrs.filterSize, strides, 1, pad, dimRoundingMode);
  const { top, left } = g.padInfo;
  const bottom = (g.outHeight - 1) * g.strideHeight + g.effectiveFilterHeight - g.inHeight - top;
  const right = (g.outWidth - 1) * g.strideWidth + g.effectiveFilterWidth - g.inWidth - left;
  const paddings = [
    [0, 0],
    [top, Math.max(0, bottom)],
    [left, Math.max(0, right)],
    [0, 0],
  ];
  const call = (image: tf.Tensor4D) => {
    const inputs = { ...args.inputs, x: image };
    const changed = { ...args.attrs, pad: paddings, dimRoundingMode: undefined } as unknown as tf.NamedAttrMap;
    return original({ ...args, inputs, attrs: changed });
  };
  if (bottom >= 0 && right >= 0) return call(x);
  const [batch, height, width, channels] = x.shape;
  const size: typeof x.shape = [batch, height + Math.min(0, bottom), width + Math.min(0, right), channels];
  return tf.tidy(() => asTensor(call(tf.slice4d(x, [0, 0, 0, 0], size)) as tf.TensorInfo));
}
