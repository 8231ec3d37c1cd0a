import * as tf from '@tensorflow/tfjs-core';
import { insideShares } from '../gradients/pooling.ts';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { type PoolAttrs, windows2d, windows3d } from '../kernels/pooling.ts';
import { TENSORFLOW, withChanges } from './execute.ts';

/**
 * tfjs-node refuses to pool what is padded by numbers. Here x is padded first: with -Infinity for maxima; with 0 for means,
 * which are then divided by what of the window lies inside x.
 */
export function mendPooling(): void {
  for (const [kernelName, gradient, windows] of [
    [tf.MaxPool, tf.MaxPoolGrad, windows2d],
    [tf.MaxPool3D, tf.MaxPool3DGrad, windows3d],
  ] as const) {
    mend(kernelName, TENSORFLOW, (args, original) => pool(args, original, windows, Number.NEGATIVE_INFINITY));
    mend(gradient, TENSORFLOW, (args, original) => slope(args, original, windows, Number.NEGATIVE_INFINITY));
  }
  for (const [kernelName, gradient, windows] of [
    [tf.AvgPool, tf.AvgPoolGrad, windows2d],
    [tf.AvgPool3D, tf.AvgPool3DGrad, windows3d],
  ] as const) {
    mend(kernelName, TENSORFLOW, (args, original) => pool(args, original, windows, 0));
    mend(gradient, TENSORFLOW, (args, original) => slope(args, original, windows, 0));
  }
}

type Windows = typeof windows2d;

const named = ({ pad }: PoolAttrs) => pad === 'same' || pad === 'valid';

interface Padded {
  /** In front and behind, of every axis. */
  paddings: [number, number][];
  /** For means: times what the padded ones have to be taken. */
  shares: tf.Tensor[];
}

function padded(shape: number[], attrs: PoolAttrs, windows: Windows, filler: number): Padded {
  const w = windows(shape, attrs);
  const drop = 5 - shape.length; // images have no depth
  const axes = [0, 1, 2].slice(drop).map((i) => ({
    ...{ input: w.input[i]!, output: w.output[i]!, window: w.window[i]!, stride: w.stride[i]!, before: w.before[i]! },
  }));
  const around = axes.map(({ input, output, window, stride, before }): [number, number] => [
    before,
    Math.max(0, (output - 1) * stride + window - input - before),
  ]);
  return { paddings: [[0, 0], ...around, [0, 0]], shares: filler === 0 ? insideShares(axes, shape.length) : [] };
}

function pool(args: Kernel, original: tf.KernelFunc, windows: Windows, filler: number): ReturnType<tf.KernelFunc> {
  const attrs = args.attrs as unknown as PoolAttrs;
  if (named(attrs)) return original(args);
  return tf.tidy(() => {
    const { x } = args.inputs as { x: tf.Tensor };
    const { paddings, shares } = padded(x.shape, attrs, windows, filler);
    const inputs = { x: tf.pad(x, paddings, filler) };
    const result = original(withChanges(args, inputs, { pad: 'valid', dimRoundingMode: undefined })) as tf.TensorInfo;
    return shares.reduce((y, share) => tf.mul(y, share), asTensor(result));
  });
}

function slope(args: Kernel, original: tf.KernelFunc, windows: Windows, filler: number): ReturnType<tf.KernelFunc> {
  const attrs = args.attrs as unknown as PoolAttrs;
  if (named(attrs)) return original(args);
  return tf.tidy(() => {
    const { dy, input } = args.inputs as { dy: tf.Tensor; input: tf.Tensor };
    const { paddings, shares } = padded(input.shape, attrs, windows, filler);
    const inputs = {
      dy: shares.reduce((y, share) => tf.mul(y, share), dy),
      input: tf.pad(input, paddings, filler),
    };
    const whole = original(withChanges(args, inputs, { pad: 'valid', dimRoundingMode: undefined })) as tf.TensorInfo;
    const begin = paddings.map(([before]) => before);
    return tf.slice(asTensor(whole), begin, input.shape);
  });
}
