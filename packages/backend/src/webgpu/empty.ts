import * as tf from '@tensorflow/tfjs-core';
import { type Kernel, mend } from '../kernels/mended.ts';
import type { WebGpuBackend } from './tfjs-backend.ts';

const mended = new WeakSet<object>();

/**
 * WebGPU binds no buffer of 0 bytes, so tfjs's engine fails where an argument is empty and the result is not (a sum over nothing).
 * An empty tensor gets a buffer of one number, which nobody reads, and keeps its values in memory.
 */
export function bindEmptyTensors(backend: WebGpuBackend): void {
  if (mended.has(backend)) return;
  mended.add(backend);
  const { uploadToGPU } = backend;
  backend.uploadToGPU = (id) => {
    const data = backend.tensorMap.get(id);
    if (data.resource != null || tf.util.sizeFromShape(data.shape) > 0) {
      uploadToGPU.call(backend, id);
      return;
    }
    const { STORAGE, COPY_SRC, COPY_DST } = (globalThis as unknown as { GPUBufferUsage: Record<string, number> })
      .GPUBufferUsage;
    data.values ??= tf.util.getArrayFromDType(data.dtype as 'float32', 0);
    data.resource = backend.bufferManager.acquireBuffer(4, STORAGE! | COPY_SRC! | COPY_DST!);
  };
}

type Info = Parameters<typeof tf.backend_util.computeConv2DInfo>;

interface ConvAttrs {
  strides: Info[2];
  dilations: Info[3];
  pad: Info[4];
  dimRoundingMode?: Info[5];
  dataFormat: 'NHWC' | 'NCHW';
}

/** Convolutions of no images, over which tfjs's engine stumbles where it makes matrix products of them. */
export function mendEmptyConvolutions(): void {
  for (const [name, depthwise] of Object.entries({
    [tf.Conv2D]: false,
    [tf.FusedConv2D]: false,
    [tf.DepthwiseConv2dNative]: true,
    [tf.FusedDepthwiseConv2D]: true,
  })) {
    mend(name, 'webgpu', (args, original) => {
      const { x, filter } = args.inputs as Record<'x' | 'filter', tf.TensorInfo>;
      if (x.shape[0] !== 0) return original(args);
      const { strides, dilations, pad, dimRoundingMode, dataFormat } = args.attrs as unknown as ConvAttrs;
      const format = tf.backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC');
      const shapes = [x.shape, filter.shape] as [Info[0], Info[1]];
      const more = [strides, dilations, pad, dimRoundingMode, depthwise, format] as const;
      return zeros(args, tf.backend_util.computeConv2DInfo(...shapes, ...more).outShape);
    });
  }
  mend(tf.Conv2DBackpropInput, 'webgpu', (args, original) => {
    const { inputShape } = args.attrs as { inputShape: number[] };
    return inputShape[0] === 0 ? zeros(args, inputShape) : original(args);
  });
  mend(tf.Conv2DBackpropFilter, 'webgpu', (args, original) => {
    const { filterShape } = args.attrs as { filterShape: number[] };
    return (args.inputs as { x: tf.TensorInfo }).x.shape[0] === 0 ? zeros(args, filterShape) : original(args);
  });
}

/** Zeros, or nothing. */
const zeros = ({ backend }: Kernel, shape: number[]): tf.TensorInfo =>
  (backend as WebGpuBackend).makeTensorInfo(shape, 'float32', new Float32Array(tf.util.sizeFromShape(shape)));
