import type * as tf from '@tensorflow/tfjs-core';
import { checkSparse, refuseLabels } from '../fused/sparse-cross-entropy.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';

interface Inputs {
  logits: tf.TensorInfo;
  labels: tf.TensorInfo;
  mask?: tf.TensorInfo;
}

/**
 * Our own kernel `ProjSparseCrossEntropy`: cross-entropy of labels [N] under logits [N, V], in nats, [N]; with `gradient` also
 * its gradient by the logits. Rows whose mask is 0 have loss and gradient 0. See assembly/sparse-cross-entropy.ts.
 */
export function sparseCrossEntropy(args: KernelArgs<Inputs, { gradient: boolean }>, own: Own): tf.TensorInfo[] {
  const { logits, labels, mask } = args.inputs;
  const [n, v] = checkSparse(args.inputs);
  const numbers = (info: tf.TensorInfo) => {
    own.address(info); // moves a tensor of another engine here, and the memory may grow
    return own.backend.typedArrayFromHeap(info);
  };
  const counts = mask === undefined ? undefined : numbers(mask);
  refuseLabels('ProjSparseCrossEntropy', numbers(labels), v, (row) => counts === undefined || counts[row] !== 0);
  const outputs = args.attrs.gradient ? [own.output([n]), own.output([n, v])] : [own.output([n])];
  const [x, y] = [own.address(logits), own.address(labels)];
  const [loss, gradient = 0] = outputs.map((info) => own.address(info));
  own.run.sparseCrossEntropy!(x, y, mask === undefined ? 0 : own.address(mask), loss!, gradient, 0, n, v);
  return outputs;
}
