import * as tf from '@tensorflow/tfjs-core';
import { composeSparseCrossEntropy, labelsToRead, refuseLabels } from './sparse-cross-entropy.ts';

type Name = 'x' | 'kernel' | 'bias' | 'labels' | 'weights';

const NAME = 'ProjDenseCrossEntropy';

/** Logits at a time where the kernel is composed: 4 MB. */
const LOGITS = 2 ** 20;

/** [N, D, V]; throws for other shapes and types than x [N, D], kernel [D, V], bias [V], labels and weights [N]. */
export function checkDense(inputs: Record<Name, tf.TensorInfo>): [n: number, d: number, v: number] {
  const { x, kernel } = inputs;
  const [n, d, v] = [x.shape[0] ?? 0, x.shape[1] ?? 0, kernel.shape[1] ?? 0];
  const shapes: Record<Name, number[]> = { x: [n, d], kernel: [d, v], bias: [v], labels: [n], weights: [n] };
  const fits = ([name, shape]: [string, number[]]) => {
    const { dtype, shape: got } = inputs[name as Name];
    return (
      dtype === (name === 'labels' ? 'int32' : 'float32') &&
      String(got) === String(shape) &&
      got.length === shape.length
    );
  };
  if (!Object.entries(shapes).every(fits)) {
    const got = Object.entries(inputs).map(([name, info]) => `${name} ${info.dtype} [${info.shape.join(', ')}]`);
    const expected = 'x [N, D], kernel [D, V], bias [V], weights [N] of float32 and labels [N] of int32';
    throw new RangeError(`${NAME}: expected ${expected}, got ${got.join(', ')}.`);
  }
  return [n, d, v];
}

/** `ProjDenseCrossEntropy` in operations of tfjs, in blocks of rows: 4 MB of logits at a time, a row at least. */
export function composeDenseCrossEntropy(
  inputs: Record<Name, tf.Tensor>,
  { gradient }: { gradient: boolean },
): tf.Tensor[] {
  const [n, d, v] = checkDense(inputs);
  const { kernel, bias, weights } = inputs;
  refuseLabels(NAME, labelsToRead(inputs.labels), v, (row) => weights.dataSync()[row] !== 0);
  const live = tf.notEqual(weights, 0);
  const x = tf.where(tf.expandDims(live, 1), inputs.x, 0);
  const labels = tf.mul(inputs.labels, tf.cast(live, 'int32'));
  const rows = Math.max(1, Math.floor(LOGITS / Math.max(1, v)));
  const parts: tf.Tensor[] = [tf.zeros([0, d])];
  let sums: tf.Tensor[] = gradient ? [tf.scalar(0), tf.zeros([d, v]), tf.zeros([v])] : [tf.scalar(0)];
  for (let from = 0; from < n; from += rows) {
    const of = <T extends tf.Tensor>(t: T): T => tf.slice(t, from, Math.min(rows, n - from));
    const block = tf.tidy(() => {
      const [xs, w] = [of(x), of(weights)];
      const logits = tf.add(tf.matMul(xs, kernel), bias);
      const [loss, slope] = composeSparseCrossEntropy({ logits, labels: of(labels) }, { gradient });
      const total = tf.sum(tf.where(of(live), tf.mul(loss!, w), 0));
      if (slope === undefined) return [total];
      const weighted = tf.mul(slope, tf.expandDims(w, 1));
      const dx = tf.matMul(weighted, kernel, false, true);
      return [total, tf.matMul(xs, weighted, true), tf.sum(weighted, 0), dx];
    });
    const next = sums.map((sum, i) => tf.add(sum, block[i]!));
    tf.dispose([...sums, ...block.slice(0, sums.length)]);
    sums = next;
    if (gradient) parts.push(block[3]!);
  }
  return gradient ? [sums[0]!, tf.concat(parts), sums[1]!, sums[2]!] : sums;
}

export const denseCrossEntropyGradient: tf.GradConfig = {
  kernelName: NAME,
  outputsToSave: [false, true, true, true],
  gradFunc: (dys, [dx, dKernel, dBias]) => {
    const dy = Array.isArray(dys) ? dys[0]! : dys;
    const times = (slope: tf.Tensor | undefined) => () => {
      if (slope === undefined) throw new Error(`${NAME}: it ran without its gradient. Set its attribute gradient.`);
      return tf.mul(dy, slope);
    };
    return { x: times(dx), kernel: times(dKernel), bias: times(dBias) };
  },
};
