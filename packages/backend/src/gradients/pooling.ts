import * as tf from '@tensorflow/tfjs-core';

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];
type Info2 = Parameters<typeof tf.backend_util.computePool2DInfo>;

interface Attrs {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: Info2[4];
  dimRoundingMode?: Info2[5];
}

/** Windows along one axis. */
export interface Axis {
  input: number;
  output: number;
  window: number;
  stride: number;
  before: number;
}

/**
 * tfjs's gradient of average pooling divides by the size of the whole window, the pooling itself by what of it lies
 * inside the image: wrong wherever there is padding. (The native engine's is right.) And both forget dimRoundingMode.
 */
export function registerPoolingGradients(): void {
  tf.registerGradient({
    kernelName: tf.MaxPool,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [input, output], attrs) => ({
      x: () => run(tf.MaxPoolGrad, { dy: dy as tf.Tensor, input: input!, output: output! }, attrs),
    }),
  });
  tf.registerGradient({
    kernelName: tf.AvgPool,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => avgPool(dy as tf.Tensor, x!, attrs as unknown as Attrs) }),
  });
  tf.registerGradient({
    kernelName: tf.AvgPool3D,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => avgPool3d(dy as tf.Tensor, x!, attrs as unknown as Attrs) }),
  });
}

function avgPool(dy: tf.Tensor, input: tf.Tensor, { filterSize, strides, pad, dimRoundingMode }: Attrs): tf.Tensor {
  const info = tf.backend_util.computePool2DInfo(input.shape as Shape4, filterSize, strides, 1, pad, dimRoundingMode);
  const { top, left } = info.padInfo;
  const rows = {
    input: info.inHeight,
    output: info.outHeight,
    window: info.filterHeight,
    stride: info.strideHeight,
    before: top,
  };
  const columns = {
    input: info.inWidth,
    output: info.outWidth,
    window: info.filterWidth,
    stride: info.strideWidth,
    before: left,
  };
  const exact = [
    [0, 0],
    [top, after(rows)],
    [left, after(columns)],
    [0, 0],
  ]; // the kernel knows no rounding
  const attrs = { filterSize, strides, pad: dimRoundingMode === undefined ? pad : exact };
  return run(tf.AvgPoolGrad, { dy: scaled(dy, [rows, columns]), input }, attrs);
}

function avgPool3d(dy: tf.Tensor, input: tf.Tensor, attrs: Attrs): tf.Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as Attrs & { pad: 'same' | 'valid' | number };
  const info = tf.backend_util.computePool3DInfo(
    input.shape as Shape5,
    filterSize as number,
    strides as number,
    1,
    pad,
    dimRoundingMode,
  );
  const axes = [
    {
      input: info.inDepth,
      output: info.outDepth,
      window: info.filterDepth,
      stride: info.strideDepth,
      before: info.padInfo.front,
    },
    {
      input: info.inHeight,
      output: info.outHeight,
      window: info.filterHeight,
      stride: info.strideHeight,
      before: info.padInfo.top,
    },
    {
      input: info.inWidth,
      output: info.outWidth,
      window: info.filterWidth,
      stride: info.strideWidth,
      before: info.padInfo.left,
    },
  ];
  return run(tf.AvgPool3DGrad, { dy: scaled(dy, axes), input }, attrs);
}

const after = ({ input, output, window, stride, before }: Axis) => (output - 1) * stride + window - input - before;

/** dy [B, ...axes, C], each element times the window's size over the part of it inside the image. */
function scaled(dy: tf.Tensor, axes: Axis[]): tf.Tensor {
  if (tf.getBackend() === 'tensorflow') return dy;
  return insideShares(axes, dy.shape.length).reduce((result, share) => tf.mul(result, share), dy);
}

/**
 * Each window's size over the part of it that lies inside the image: a factor for each axis where it is not 1 throughout,
 * that broadcasts with images [B, ...axes, C] of `rank`.
 */
export function insideShares(axes: readonly Axis[], rank: number): tf.Tensor[] {
  return axes.flatMap(({ input, output, window, stride, before }, i) => {
    const shares = Float32Array.from({ length: output }, (_, o) => {
      const start = o * stride - before;
      const inside = Math.min(input, start + window) - Math.max(0, start);
      return window / Math.max(1, inside);
    });
    const shape = Array.from({ length: rank }, (_, at) => (at === i + 1 ? output : 1));
    return shares.every((share) => share === 1) ? [] : [tf.tensor(shares, shape)];
  });
}

function run(kernelName: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
}
