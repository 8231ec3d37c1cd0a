import * as tf from '@tensorflow/tfjs-core';

interface Inputs<T> {
  /** [N, V]. */
  logits: T;
  /** int32 [N]. */
  labels: T;
  /** [N]: rows of 0 have loss 0, no gradient, and any label. */
  mask?: T;
}

const NAME = 'ProjSparseCrossEntropy';

/** [N, V]; throws for other shapes and types than logits [N, V], labels [N] and mask [N]. */
export function checkSparse({ logits, labels, mask }: Inputs<tf.TensorInfo>): [n: number, v: number] {
  const [n, v] = logits.shape as [number, number];
  const rows = ({ shape }: tf.TensorInfo) => shape.length === 1 && shape[0] === n;
  const fits = logits.dtype === 'float32' && logits.shape.length === 2 && labels.dtype === 'int32' && rows(labels);
  if (!fits || (mask !== undefined && (mask.dtype !== 'float32' || !rows(mask)))) {
    const given = { logits, labels, ...(mask === undefined ? {} : { mask }) };
    const got = Object.entries(given).map(([name, info]) => `${name} ${info.dtype} [${info.shape.join(', ')}]`);
    const expected = 'logits [N, V] of float32, labels [N] of int32 and, if any, a mask [N] of float32';
    throw new RangeError(`${NAME}: expected ${expected}, got ${got.join(', ')}.`);
  }
  return [n, v];
}

/** Throws for a label that is no class of `classes`, in a row that counts. */
export function refuseLabels(
  name: string,
  labels: ArrayLike<number>,
  classes: number,
  counts: (row: number) => boolean,
): void {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if ((label >= 0 && label < classes) || !counts(row)) continue;
    const what = `labels must be in [0, ${classes}), got ${label} in row ${row}`;
    throw new RangeError(`${name}: ${what}. Mask the rows that have none.`);
  }
}

/** The labels where reading them takes no wait for a device, else none. */
export function labelsToRead(labels: tf.Tensor): ArrayLike<number> {
  return ['cpu', 'tensorflow'].includes(tf.getBackend()) ? labels.dataSync() : [];
}

/** `ProjSparseCrossEntropy` in operations of tfjs. */
export function composeSparseCrossEntropy(
  { logits, labels, mask }: Inputs<tf.Tensor>,
  { gradient }: { gradient: boolean },
): tf.Tensor[] {
  const [n, v] = checkSparse({ logits, labels, mask });
  const counts = mask === undefined ? () => true : (row: number) => mask.dataSync()[row] !== 0;
  refuseLabels(NAME, labelsToRead(labels), v, counts);
  if (n * v === 0) return gradient ? [tf.zeros([n]), tf.zeros([n, v])] : [tf.zeros([n])];
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const e = tf.exp(shifted);
  const sum = tf.sum(e, 1, true);
  const inside = tf.minimum(tf.maximum(labels, tf.scalar(0, 'int32')), tf.scalar(v - 1, 'int32'));
  const loss = tf.squeeze(tf.sub(tf.log(sum), tf.gather(shifted, tf.expandDims(inside, 1), 1, 1)), [1]);
  const live = mask === undefined ? undefined : tf.notEqual(mask, 0);
  const masked = live === undefined ? loss : tf.where(live, loss, 0);
  if (!gradient) return [masked];
  const hot = tf.equal(tf.range(0, v, 1, 'int32'), tf.expandDims(inside, 1)); // tf.oneHot refuses a single class
  const slope = tf.sub(tf.div(e, sum), tf.cast(hot, 'float32'));
  return [masked, live === undefined ? slope : tf.where(tf.expandDims(live, 1), slope, 0)];
}

export const sparseCrossEntropyGradient: tf.GradConfig = {
  kernelName: NAME,
  outputsToSave: [false, true],
  gradFunc: (dys, [slope]) => {
    const dy = Array.isArray(dys) ? dys[0]! : dys;
    const logits = () => {
      if (slope === undefined) throw new Error(`${NAME}: it ran without its gradient. Set its attribute gradient.`);
      return tf.mul(tf.expandDims(dy, 1), slope);
    };
    return { logits };
  },
};
