import * as tf from '@tensorflow/tfjs-core';
import { checkDense } from '../fused/dense-cross-entropy.ts';
import { checkSparse, refuseLabels } from '../fused/sparse-cross-entropy.ts';
import type { Kernel } from '../kernels/mended.ts';
import { float, inFront, type NativeBackend } from './fused-native.ts';

/** The cross-entropies of class labels by TensorFlow's own, which gives the gradient in the same pass. */
export function registerNativeCrossEntropy(): void {
  inFront('ProjSparseCrossEntropy', sparse);
  inFront('ProjDenseCrossEntropy', dense);
}

/** Logits at a time: 16 MB. */
const LOGITS = 2 ** 22;

interface Attrs {
  gradient: boolean;
}

/** [N] and [N, V] of logits [N, V] and labels [N] in range. */
function lossAndSlope(backend: NativeBackend, logits: tf.TensorInfo, labels: tf.TensorInfo): [tf.Tensor, tf.Tensor] {
  const { TF_ATTR_TYPE } = backend.binding;
  const attrs = [float(backend, 'T'), { name: 'Tlabels', type: TF_ATTR_TYPE, value: backend.binding.TF_INT32 }];
  const name = 'SparseSoftmaxCrossEntropyWithLogits';
  return backend.executeMultipleOutputs(name, attrs, [logits, labels], 2) as [tf.Tensor, tf.Tensor];
}

function sparse(args: Kernel, composed: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const inputs = args.inputs as Record<'logits' | 'labels' | 'mask', tf.Tensor>;
  const { logits, labels, mask } = inputs;
  const { gradient } = args.attrs as unknown as Attrs;
  const [n, v] = checkSparse(mask === undefined ? { logits, labels } : inputs);
  if (n * v === 0) return composed(args);
  const counts = mask?.dataSync();
  refuseLabels('ProjSparseCrossEntropy', labels.dataSync(), v, (row) => counts === undefined || counts[row] !== 0);
  return tf.tidy(() => {
    const native = args.backend as NativeBackend;
    if (mask === undefined) {
      const both = lossAndSlope(native, logits, labels);
      return gradient ? both : [both[0]];
    }
    const live = tf.notEqual(mask, 0);
    const [loss, slope] = lossAndSlope(native, logits, tf.mul(labels, tf.cast(live, 'int32')));
    const masked = tf.where(live, loss, 0);
    return gradient ? [masked, tf.where(tf.expandDims(live, 1), slope, 0)] : [masked];
  });
}

type DenseInputs = Record<'x' | 'kernel' | 'bias' | 'labels' | 'weights', tf.Tensor>;

/** The rows that count, in blocks of 16 MB of logits. */
function dense(args: Kernel, composed: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const inputs = args.inputs as DenseInputs;
  const { gradient } = args.attrs as unknown as Attrs;
  const [n, d, v] = checkDense(inputs);
  const weights = inputs.weights.dataSync();
  refuseLabels('ProjDenseCrossEntropy', inputs.labels.dataSync(), v, (row) => weights[row] !== 0);
  const live = Int32Array.from(weights.keys()).filter((row) => weights[row] !== 0);
  if (live.length * v === 0) return composed(args);
  return tf.tidy(() => {
    const { kernel, bias } = inputs;
    const all = live.length === n;
    const rows = tf.tensor1d(live, 'int32');
    const pick = <T extends tf.Tensor>(t: T): T => (all ? t : tf.gather(t, rows));
    const [x, labels, by] = [pick(inputs.x), pick(inputs.labels), pick(inputs.weights)];
    const size = Math.max(1, Math.floor(LOGITS / v));
    const parts: tf.Tensor[] = [];
    let sums: tf.Tensor[] = [];
    for (let from = 0; from < live.length; from += size) {
      const of = <T extends tf.Tensor>(t: T): T => tf.slice(t, from, Math.min(size, live.length - from));
      const block = tf.tidy(() => {
        const [xs, w] = [of(x), of(by)];
        const logits = tf.fused.matMul({ a: xs as tf.Tensor2D, b: kernel as tf.Tensor2D, bias });
        const [loss, slope] = lossAndSlope(args.backend as NativeBackend, logits, of(labels));
        const total = tf.sum(tf.mul(loss, w));
        if (!gradient) return [total];
        const weighted = tf.mul(slope, tf.expandDims(w, 1));
        const dx = tf.matMul(weighted, kernel, false, true);
        return [total, tf.matMul(xs, weighted, true), tf.sum(weighted, 0), dx];
      });
      if (gradient) parts.push(block.pop()!);
      const next = sums.length === 0 ? block : sums.map((sum, i) => tf.add(sum, block[i]!));
      if (sums.length > 0) tf.dispose([...sums, ...block]);
      sums = next;
    }
    if (!gradient) return sums;
    const dx = parts.length === 1 ? parts[0]! : tf.concat(parts);
    const [total, dKernel, dBias] = sums as [tf.Tensor, tf.Tensor, tf.Tensor];
    return [total, all ? dx : tf.scatterND(tf.expandDims(rows, 1), dx, [n, d]), dKernel, dBias];
  });
}
