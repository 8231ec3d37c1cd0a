import * as tf from '@tensorflow/tfjs-core';
import { type ConcatEluGradInputs, checkConcatEluGrad } from '../fused/gated-block.ts';
import type { Kernel } from '../kernels/mended.ts';
import { float, inFront, type NativeBackend } from './fused-native.ts';

/** Gradients of activations in few operations; equal parts by `Split`, which is twice as fast as `SplitV`. */
export function registerNativeActivations(): void {
  inFront(tf.Step, step);
  inFront(tf.SplitV, split);
  inFront('ProjConcatEluGrad', concatEluGrad);
}

/** The sign of relu; tfjs-node makes it of eight operations. It stands in the gradient of every fused layer. */
function step(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const x = args.inputs.x as tf.Tensor;
  const { alpha } = args.attrs as { alpha: number };
  return alpha === 0 && x.dtype === 'float32' ? tf.tidy(() => tf.sign(tf.relu(x))) : original(args);
}

/** dy where y > 0, else dy (y + 1), of both halves: the first less the second. */
function concatEluGrad({ inputs, backend }: Kernel): tf.TensorInfo {
  const { dy, y } = inputs as unknown as ConcatEluGradInputs;
  checkConcatEluGrad({ dy, y });
  const native = backend as NativeBackend;
  return tf.tidy(() => {
    const slope = native.executeSingleOutput('EluGrad', [float(native, 'T')], [dy, y]);
    const [up, down] = tf.split(slope, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.sub(up, down);
  });
}

function split(args: Kernel, original: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const x = args.inputs.x as tf.TensorInfo;
  const { numOrSizeSplits, axis } = args.attrs as unknown as { numOrSizeSplits: number | number[]; axis: number };
  const native = args.backend as NativeBackend;
  const size = x.shape[axis < 0 ? axis + x.shape.length : axis] ?? 0;
  const parts = typeof numOrSizeSplits === 'number' ? numOrSizeSplits : equalParts(numOrSizeSplits);
  if (parts < 1 || size % parts !== 0 || size === 0 || x.dtype !== 'float32') return original(args);
  const attrs = [{ name: 'num_split', type: native.binding.TF_ATTR_INT, value: parts }, float(native, 'T')];
  return tf.tidy(() => native.executeMultipleOutputs('Split', attrs, [tf.scalar(axis, 'int32'), x], parts));
}

/** How many parts, if all are of one size, else 0. */
const equalParts = (sizes: readonly number[]): number =>
  sizes.every((size) => size > 0 && size === sizes[0]) ? sizes.length : 0;
