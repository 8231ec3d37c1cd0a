import type * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../wasm/own.ts';

interface Inputs {
  /** [B, D], in [0, 1]. */
  x: tf.TensorInfo;
  /** [B, D]. */
  logits: tf.TensorInfo;
}

/**
 * Our own kernel `ProjSigmoidCrossEntropy`: [loss [B], gradient by the logits [B, D]], the second only if asked for, since both
 * need the same exponentials. See assembly/cross-entropy.ts.
 */
export function sigmoidCrossEntropy(args: KernelArgs<Inputs, { gradient: boolean }>, own: Own): tf.TensorInfo[] {
  const { inputs, attrs } = args;
  const { x, logits } = inputs;
  const [rows, columns] = logits.shape as [number, number];
  if (String(x.shape) !== String(logits.shape) || x.dtype !== 'float32' || logits.dtype !== 'float32') {
    const got = `${x.dtype} [${x.shape}] and ${logits.dtype} [${logits.shape}]`;
    throw new RangeError(`ProjSigmoidCrossEntropy: x and logits must be float32 [B, D] of one shape, got ${got}.`);
  }
  const loss = own.output([rows]);
  const gradient = attrs.gradient ? own.output([rows, columns]) : undefined;
  own.run.sigmoidCrossEntropy!(
    own.address(x),
    own.address(logits),
    own.address(loss),
    gradient === undefined ? 0 : own.address(gradient),
    ...[0, rows, columns],
  );
  return gradient === undefined ? [loss] : [loss, gradient];
}
