import * as tf from '@tensorflow/tfjs-core';
import { insideShares } from '../gradients/pooling.ts';
import { asTensor, type Kernel, mend } from '../kernels/mended.ts';
import { type PoolAttrs, poolMaxGradient, windows2d, windows3d } from '../kernels/pooling.ts';
import { TENSORFLOW, withChanges } from './execute.ts';

/**
 * tfjs-node refuses to pool what is padded by numbers. Here x is padded first: with -Infinity for maxima; with 0 for means,
 * which are then divided by what of the window lies inside x.
 */
export function mendPooling(): void {
  const none = Number.NEGATIVE_INFINITY;
  mend(tf.MaxPool, TENSORFLOW, (args, original) => pool(args, original, windows2d, none));
  mend(tf.MaxPoolGrad, TENSORFLOW, (args, original) => slope(args, original, windows2d, none));
  mend(tf.MaxPool3D, TENSORFLOW, (args, original) => pool(args, original, windows3d, none));
  mend(tf.MaxPool3DGrad, TENSORFLOW, maxPool3dGrad);
  mend(tf.AvgPool, TENSORFLOW, (args, original) => pool(args, original, windows2d, 0));
  mend(tf.AvgPoolGrad, TENSORFLOW, (args, original) => slope(args, original, windows2d, 0));
  mend(tf.AvgPool3D, TENSORFLOW, (args, original) => pool(args, original, windows3d, 0));
  mend(tf.AvgPool3DGrad, TENSORFLOW, (args, original) => slope(args, original, windows3d, 0));
}

type Windows = typeof windows2d;

const named = ({ pad }: PoolAttrs) => pad === 'same' || pad === 'valid';

interface Layout {
  /** In front of x and behind it, of every axis. */
  paddings: [number, number][];
  /** Of x with its paddings: what the windows reach. */
  reach: number[];
  /** For means: times what they have to be taken. */
  shares: tf.Tensor[];
}

function layout(shape: number[], attrs: PoolAttrs, windows: Windows, filler: number): Layout {
  const w = windows(shape, attrs);
  const axes = [0, 1, 2].slice(5 - shape.length).map((i) => ({
    ...{ input: w.input[i]!, output: w.output[i]!, window: w.window[i]!, stride: w.stride[i]!, before: w.before[i]! },
  })); // images have no depth
  const lengths = axes.map(({ output, window, stride }) => (output - 1) * stride + window);
  const around = axes.map(({ input, before }, i): [number, number] => [
    before,
    Math.max(0, lengths[i]! - input - before),
  ]);
  return {
    paddings: [[0, 0], ...around, [0, 0]],
    reach: [shape[0]!, ...lengths, shape.at(-1)!],
    shares: filler === 0 ? insideShares(axes, shape.length) : [],
  };
}

const padded = (x: tf.Tensor, { paddings, reach }: Layout, filler: number) =>
  tf.slice(
    tf.pad(x, paddings, filler),
    reach.map(() => 0),
    reach,
  );

const scale = (t: tf.Tensor, shares: tf.Tensor[]) => shares.reduce((product, share) => tf.mul(product, share), t);

function pool(args: Kernel, original: tf.KernelFunc, windows: Windows, filler: number): ReturnType<tf.KernelFunc> {
  const attrs = args.attrs as unknown as PoolAttrs;
  if (named(attrs)) return original(args);
  return tf.tidy(() => {
    const { x } = args.inputs as { x: tf.Tensor };
    const plan = layout(x.shape, attrs, windows, filler);
    const inputs = { x: padded(x, plan, filler) };
    const result = original(withChanges(args, inputs, { pad: 'valid', dimRoundingMode: undefined })) as tf.TensorInfo;
    return scale(asTensor(result), plan.shares);
  });
}

function slope(args: Kernel, original: tf.KernelFunc, windows: Windows, filler: number): ReturnType<tf.KernelFunc> {
  const attrs = args.attrs as unknown as PoolAttrs;
  if (named(attrs)) return original(args);
  return tf.tidy(() => {
    const { dy, input } = args.inputs as { dy: tf.Tensor; input: tf.Tensor };
    const plan = layout(input.shape, attrs, windows, filler);
    const { paddings, reach, shares } = plan;
    const inputs = { dy: scale(dy, shares), input: padded(input, plan, filler) };
    const reached = original(withChanges(args, inputs, { pad: 'valid', dimRoundingMode: undefined })) as tf.TensorInfo;
    const beyond = paddings.map(([before, after], i): [number, number] => [
      0,
      before + input.shape[i]! + after - reach[i]!,
    ]);
    return tf.slice(
      tf.pad(asTensor(reached), beyond),
      paddings.map(([before]) => before),
      input.shape,
    );
  });
}

/** TensorFlow's gives the whole of dy to each of equal maxima. On the host, where the last gets it, as on the other engines. */
function maxPool3dGrad({ inputs, attrs }: Kernel): tf.Tensor {
  const { dy, input } = inputs as { dy: tf.Tensor; input: tf.Tensor };
  const dx = new Float32Array(input.size);
  const windows = windows3d(input.shape, attrs as unknown as PoolAttrs);
  windows.before = windows.before.map((n) => Math.max(0, n)); // tfjs has -1 where strides are larger than windows
  poolMaxGradient(windows, input.dataSync<'float32'>(), dy.dataSync<'float32'>(), dx, true);
  return tf.tensor(dx, input.shape);
}
