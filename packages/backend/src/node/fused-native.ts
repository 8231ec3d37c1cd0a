import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernels/mended.ts';
import { TENSORFLOW } from './execute.ts';

/** A tensor's number in tfjs-node's addon. */
export type Handle = number;

interface Entry {
  shape: number[];
  dtype: number;
  /** -1 as long as the numbers are on the host, in `values`. */
  id: Handle;
  values: ArrayLike<number> | null;
}

/** A new tensor of the addon's. */
export interface Metadata {
  id: Handle;
  shape: number[];
  dtype: number;
}

type AttrType = 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_ATTR_SHAPE' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE';

export interface Attr {
  name: string;
  type: number;
  value: unknown;
}

/** What the fused kernels use of tfjs-node's engine: the addon itself, which takes 3 to 5 microseconds for an operation. */
export interface NativeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { get(dataId: object): Entry };
  readonly binding: Record<AttrType | 'TF_FLOAT' | 'TF_INT32', number> & {
    createTensor(shape: number[], dtype: number, values: ArrayLike<number>): Handle;
    deleteTensor(id: Handle): void;
    tensorDataSync(id: Handle): ArrayLike<number>;
    executeOp(name: string, attrs: Attr[], inputs: Handle[], outputs: number): Metadata[];
  };
  getDTypeInteger(dtype: tf.DataType): number;
  getInputTensorIds(inputs: readonly tf.TensorInfo[]): Handle[];
  createOutputTensor(metadata: Metadata): tf.Tensor;
  executeSingleOutput(name: string, attrs: Attr[], inputs: readonly tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attrs: Attr[], inputs: readonly tf.TensorInfo[], outputs: number): tf.Tensor[];
  refCount(dataId: object): number;
  incRef(dataId: object): void;
}

export const bool = ({ binding }: NativeBackend, name: string, value: boolean): Attr => ({
  ...{ name, value, type: binding.TF_ATTR_BOOL },
});

/** The attribute `name` (`T`, `dtype`, ...) of operations on float32. */
export const float = ({ binding }: NativeBackend, name: string): Attr => ({
  ...{ name, value: binding.TF_FLOAT, type: binding.TF_ATTR_TYPE },
});

const fronted = new Set<string>();

/** Puts `around` in front of a kernel of tfjs-node's, mended or not, once. */
export function inFront(
  kernelName: string,
  around: (args: Kernel, original: tf.KernelFunc) => ReturnType<tf.KernelFunc>,
): void {
  const config = tf.getKernel(kernelName, TENSORFLOW);
  if (config === undefined || fronted.has(kernelName)) return;
  fronted.add(kernelName);
  tf.unregisterKernel(kernelName, TENSORFLOW);
  tf.registerKernel({ ...config, kernelFunc: (args) => around(args, config.kernelFunc) });
}
