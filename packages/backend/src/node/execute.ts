import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernels/mended.ts';

/** tfjs-node's name for its engine. */
export const TENSORFLOW = 'tensorflow';

/** What we use of tfjs-node's engine. */
export interface Native extends tf.KernelBackend {
  binding: Record<'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE', number>;
  getDTypeInteger(dtype: tf.DataType): number;
  executeSingleOutput(name: string, attrs: OpAttr[], inputs: tf.TensorInfo[]): tf.Tensor;
}

interface OpAttr {
  name: string;
  type: number;
  value: unknown;
}

/** Runs an operation of TensorFlow by its name there. Numbers are 64-bit integers to it; `T` is the type of the last input. */
export function execute(
  backend: Native,
  name: string,
  inputs: tf.TensorInfo[],
  attrs: Record<string, number | number[] | string>,
): tf.Tensor {
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE } = backend.binding;
  const given = Object.entries(attrs).map(([key, value]) => ({
    ...{ name: key, value },
    type: typeof value === 'string' ? TF_ATTR_STRING : TF_ATTR_INT,
  }));
  const T = { name: 'T', type: TF_ATTR_TYPE, value: backend.getDTypeInteger(inputs.at(-1)!.dtype) };
  return backend.executeSingleOutput(name, [T, ...given], inputs);
}

/** A kernel's arguments with other inputs and attributes. */
export function withChanges(args: Kernel, inputs: tf.NamedTensorInfoMap, attrs: object): Kernel {
  return { ...args, inputs: { ...args.inputs, ...inputs }, attrs: { ...args.attrs, ...attrs } as tf.NamedAttrMap };
}
