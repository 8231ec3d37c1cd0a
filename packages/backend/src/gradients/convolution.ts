import * as tf from '@tensorflow/tfjs-core';
import { insertZeros, takeEvery } from './rearranging.ts';

interface Attrs {
  dilations?: number | number[];
  dataFormat?: string;
  [name: string]: unknown;
}

interface Kind {
  kernelName: string;
  byInput: string;
  byFilter: string;
  /** Spatial axes, the first of a filter. */
  rank: 2 | 3;
}

const KINDS: Kind[] = [
  { kernelName: tf.Conv2D, byInput: tf.Conv2DBackpropInput, byFilter: tf.Conv2DBackpropFilter, rank: 2 },
  {
    kernelName: tf.DepthwiseConv2dNative,
    byInput: tf.DepthwiseConv2dNativeBackpropInput,
    byFilter: tf.DepthwiseConv2dNativeBackpropFilter,
    rank: 2,
  },
  { kernelName: tf.Conv3D, byInput: tf.Conv3DBackpropInputV2, byFilter: tf.Conv3DBackpropFilterV2, rank: 3 },
];

/**
 * Gradients of convolutions, dilated ones included (tfjs refuses those), and of conv3dTranspose.
 *
 * A dilated convolution is a plain one by a filter with zeros between its taps: its gradients are the plain ones, of which
 * the filter's keeps the taps. On wasm this package's kernels dilate by themselves.
 */
export function registerConvolutionGradients(): void {
  for (const kind of KINDS) {
    tf.registerGradient({
      kernelName: kind.kernelName,
      inputsToSave: ['x', 'filter'],
      gradFunc: (dy, [x, filter], attrs) => gradients(kind, dy as tf.Tensor, x!, filter!, attrs as Attrs),
    });
  }
  tf.registerGradient({
    kernelName: tf.Conv3DBackpropInputV2,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, [dy, filter], attrs) => {
      const { strides, pad } = attrs as unknown as { strides: number; pad: 'same' | 'valid' };
      const slope = ddx as tf.Tensor5D;
      const inputs = { x: slope, dy: dy! };
      return {
        dy: () => tf.conv3d(slope, filter as tf.Tensor5D, strides, pad),
        filter: () => run(tf.Conv3DBackpropFilterV2, inputs, { strides, pad, filterShape: filter!.shape }),
      };
    },
  });
}

function gradients(kind: Kind, dy: tf.Tensor, x: tf.Tensor, filter: tf.Tensor, attrs: Attrs): ReturnType<tf.GradFunc> {
  const { rank, byInput, byFilter } = kind;
  const given = attrs.dilations ?? 1;
  const dilations = typeof given === 'number' ? new Array<number>(rank).fill(given) : given.slice(-rank);
  const ownKernels = tf.getBackend() === 'wasm' && rank === 2 && attrs.dataFormat !== 'NCHW' && !nested();
  const steps = ownKernels ? dilations.map(() => 1) : dilations;
  const plain = { ...attrs, dilations: ownKernels ? dilations : steps.map(() => 1) };
  const spread = (t: tf.Tensor) => steps.reduce((result, step, axis) => insertZeros(result, axis, step), t);
  return {
    x: () => run(byInput, { dy, filter: spread(filter) }, { ...plain, inputShape: x.shape }),
    filter: () => {
      const filterShape = filter.shape.map((n, axis) => (n - 1) * (steps[axis] ?? 1) + 1);
      const slope = run(byFilter, { x, dy }, { ...plain, filterShape });
      return steps.reduce((result, step, axis) => takeEvery(result, axis, step), slope);
    },
  };
}

/** Whether this gradient is differentiated in turn: tfjs's gradients of gradient kernels know no dilation. */
const nested = () => tf.engine().state.gradientDepth > 0;

function run(kernelName: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
}
