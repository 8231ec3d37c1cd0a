import type * as tf from '@tensorflow/tfjs-core';
import { checkDense } from '../fused/dense-cross-entropy.ts';
import { refuseLabels } from '../fused/sparse-cross-entropy.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';

type Inputs = Record<'x' | 'kernel' | 'bias' | 'labels' | 'weights', tf.TensorInfo>;

/**
 * Our own kernel `ProjDenseCrossEntropy`: the sum over rows of weights [N] times the cross-entropy of labels [N] under the logits
 * x [N, D] kernel [D, V] + bias [V], a scalar in nats; with `gradient` also that sum's gradients by x, kernel and bias. Rows of
 * weight 0 are left out, whatever their x and label. See assembly/dense-cross-entropy.ts.
 */
export function denseCrossEntropy(args: KernelArgs<Inputs, { gradient: boolean }>, own: Own): tf.TensorInfo[] {
  const { x, kernel, bias, labels, weights } = args.inputs;
  const [n, d, v] = checkDense(args.inputs);
  const gradient = args.attrs.gradient ? 1 : 0;
  const loss = own.output([]);
  const outputs = gradient ? [own.output([n, d]), own.output([d, v]), own.output([v])] : [];
  const heap = (info: tf.TensorInfo) => own.backend.typedArrayFromHeap(info);
  const list = own.output([n], 'int32');
  try {
    own.scratch(own.run.denseCrossEntropySpace!(d, v, gradient), (space) => {
      const [xs, ws, bs, ls, counts, rows] = [x, kernel, bias, labels, weights, list].map((info) => own.address(info));
      const [dx = 0, dKernel, dBias] = outputs.map((info) => own.address(info));
      const live = liveRows(heap(labels), heap(weights), v);
      (heap(list) as Int32Array).set(live);
      if (gradient) own.run.gemmZero!(dx, n * d);
      own.run.denseCrossEntropyStart!(ws!, bs!, d, v, gradient, space);
      heap(loss)[0] = own.run.denseCrossEntropyRows!(xs!, ls!, counts!, rows!, 0, live.length, d, v, dx, space);
      if (gradient) own.run.denseCrossEntropyEnd!(d, v, dKernel!, dBias!, space);
    });
  } catch (error) {
    for (const { dataId } of [loss, ...outputs]) own.backend.disposeData(dataId);
    throw error;
  } finally {
    own.backend.disposeData(list.dataId);
  }
  return [loss, ...outputs];
}

/** The rows whose weight is not 0; throws if the label of one is no class. */
function liveRows(labels: ArrayLike<number>, weights: ArrayLike<number>, classes: number): number[] {
  const counts = (row: number) => weights[row] !== 0;
  refuseLabels('ProjDenseCrossEntropy', labels, classes, counts);
  return Array.from(labels, (_, row) => row).filter(counts);
}
