import type * as tf from '@tensorflow/tfjs-core';
import { checkSigmoidCrossEntropy, type SigmoidCrossEntropyInputs } from '../fused/sigmoid-cross-entropy.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';

/**
 * Our own kernel `ProjSigmoidCrossEntropy`: [loss [B], gradient by the logits [B, D]], the second only if asked for, since both
 * need the same exponentials. See assembly/cross-entropy.ts.
 */
export function sigmoidCrossEntropy(
  args: KernelArgs<SigmoidCrossEntropyInputs, { gradient: boolean }>,
  own: Own,
): tf.TensorInfo[] {
  const { inputs, attrs } = args;
  const { x, logits } = inputs;
  const [rows, columns] = checkSigmoidCrossEntropy(inputs);
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
