import * as tf from '@tensorflow/tfjs-core';
import type { FusedKernels } from './fused-kernels.ts';
import { runFused } from './internal/run-fused.ts';

export interface SparseCrossEntropyOptions {
  /** As the labels; bool, or numbers: where it is false or 0 the loss is 0, has no gradient, and the label may be anything. */
  mask?: tf.Tensor;
}

/**
 * Cross-entropy of class labels under logits, in nats: logits [..., V], int32 labels [...] -> [...].
 *
 *   log(sum over classes of e^logit) - logit of the label
 * A logit of -Infinity bans its class. The gradient, softmax - onehot, reaches the logits alone.
 * With `@proj/backend` both are one pass. Labels outside [0, V) are an error there and on cpu; elsewhere reading them would
 * cost a wait, and their loss is without meaning.
 *
 * @throws RangeError if shapes do not fit, TypeError if labels are not int32.
 */
export function sparseCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { mask }: SparseCrossEntropyOptions = {},
): tf.Tensor {
  const classes = logits.shape.at(-1) ?? 0;
  checkLabels('sparseCrossEntropy', 'logits', logits, labels, { mask });
  return tf.tidy(() => {
    const rows = labels.size;
    const flat = tf.reshape(logits, [rows, classes]);
    const flatLabels = tf.reshape(labels, [rows]);
    const flatMask = mask && constant(() => tf.cast(tf.notEqual(tf.reshape(mask, [rows]), 0), 'float32'));
    const inputs = { logits: flat, labels: flatLabels, ...(flatMask ? { mask: flatMask } : {}) };
    const losses = fused('ProjSparseCrossEntropy', inputs) ?? plain(flat, flatLabels, flatMask);
    return tf.reshape(losses, labels.shape);
  });
}

/** The weights of a dense layer: logits = x kernel + bias. */
export interface DenseWeights {
  /** [D, V]. */
  kernel: tf.Tensor;
  /** [V]; zeros if omitted. */
  bias?: tf.Tensor;
}

/** One of both, or neither for the mean over all positions. */
export interface DenseCrossEntropyOptions {
  /** As the labels; bool, or numbers: the mean is that of positions where it is true or not 0, and 0 if there are none. */
  mask?: tf.Tensor;
  /** As the labels: the sum of weights times losses. No gradient reaches them. */
  weights?: tf.Tensor;
}

/**
 * Cross-entropy of class labels under the logits of a dense layer, x kernel + bias, in nats: x [..., D], int32 labels [...] ->
 * scalar, the mean over the positions of the mask or the sum with the weights. Gradients reach x, kernel and bias.
 *
 * With `@proj/backend` the logits never exist as a whole: for 6,400 positions and 10,000 classes that is 256 MB less, twice. On
 * other engines this is `sparseCrossEntropy` of the product. Positions of weight 0 or outside the mask are left out, whatever
 * their x and label. Labels outside [0, V) elsewhere: see there.
 *
 * @throws RangeError if shapes do not fit or both options are given, TypeError if labels are not int32.
 */
export function denseCrossEntropy(
  x: tf.Tensor,
  { kernel, bias }: DenseWeights,
  labels: tf.Tensor,
  { mask, weights }: DenseCrossEntropyOptions = {},
): tf.Scalar {
  const [features, classes] = [x.shape.at(-1) ?? 0, kernel.shape[1] ?? 0];
  checkLabels('denseCrossEntropy', 'x', x, labels, { mask, weights });
  checkWeights(features, kernel, bias);
  if (mask !== undefined && weights !== undefined) {
    throw new RangeError('denseCrossEntropy: got both mask and weights. Multiply the mask into the weights.');
  }
  return tf.tidy(() => {
    const rows = labels.size;
    const inputs = {
      x: tf.reshape(x, [rows, features]),
      kernel,
      bias: bias ?? tf.zeros([classes]),
      labels: tf.reshape(labels, [rows]),
      weights: constant(() => (weights ? tf.cast(tf.reshape(weights, [rows]), 'float32') : shares(rows, mask))),
    };
    return (fused('ProjDenseCrossEntropy', inputs) ?? plainDense(inputs)) as tf.Scalar;
  });
}

/** What each row has in the mean of those that the mask leaves, [rows]. */
function shares(rows: number, mask?: tf.Tensor): tf.Tensor {
  if (mask === undefined) return tf.fill([rows], 1 / Math.max(1, rows));
  const live = tf.cast(tf.notEqual(tf.reshape(mask, [rows]), 0), 'float32');
  return tf.div(live, tf.maximum(tf.sum(live), 1));
}

type Name = 'ProjSparseCrossEntropy' | 'ProjDenseCrossEntropy';

/** The loss by a fused kernel; undefined where the engine does not have it. */
function fused<K extends Name>(name: K, inputs: FusedKernels[K]['inputs']): tf.Tensor | undefined {
  return runFused(name, inputs, { gradient: tf.engine().isTapeOn() })?.[0]; // nobody asks for the gradient in evaluation
}

/** [N, V], [N], [N] -> [N] in plain operations. */
function plain(logits: tf.Tensor, labels: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  const live = mask && constant(() => tf.cast(mask, 'bool'));
  const column = live && tf.expandDims(live, 1);
  const safe = column ? tf.where(column, logits, 0) : logits;
  const classes = tf.range(0, logits.shape[1]!, 1, 'int32');
  const hot = constant(() => tf.equal(classes, tf.expandDims(labels, 1))); // tf.oneHot refuses a single class
  const losses = tf.neg(tf.sum(tf.where(hot, tf.logSoftmax(safe), 0), 1));
  return live ? tf.where(live, losses, 0) : losses;
}

function plainDense({ x, kernel, bias, labels, weights }: Record<string, tf.Tensor>): tf.Tensor {
  const live = constant(() => tf.cast(tf.notEqual(weights!, 0), 'float32'));
  const safe = tf.where(tf.expandDims(tf.cast(live, 'bool'), 1), x!, 0);
  const losses = plain(tf.add(tf.matMul(safe as tf.Tensor2D, kernel as tf.Tensor2D), bias!), labels!, live);
  return tf.sum(tf.mul(losses, weights!));
}

/** What `f` returns, as a constant: no gradient is asked of what it is made from. */
function constant(f: () => tf.Tensor): tf.Tensor {
  return tf.customGrad(() => ({ value: f(), gradFunc: () => [] }))();
}

function checkLabels(
  who: string,
  what: string,
  x: tf.Tensor,
  labels: tf.Tensor,
  others: Record<string, tf.Tensor | undefined>,
): void {
  if (labels.dtype !== 'int32') {
    throw new TypeError(`${who}: labels must be int32, got ${labels.dtype}. Convert them: tf.cast(labels, 'int32').`);
  }
  const shape = x.shape.slice(0, -1);
  const given = { labels, ...others };
  for (const [name, tensor] of Object.entries(given)) {
    if (tensor === undefined || (x.rank > 0 && tf.util.arraysEqual(tensor.shape, shape))) continue;
    const got = `${what} [${x.shape.join(', ')}] and ${name} [${tensor.shape.join(', ')}]`;
    throw new RangeError(`${who}: ${name} must have the shape of ${what} without its last axis, got ${got}.`);
  }
}

function checkWeights(features: number, kernel: tf.Tensor, bias: tf.Tensor | undefined): void {
  const fits = kernel.rank === 2 && kernel.shape[0] === features;
  if (fits && (bias === undefined || (bias.rank === 1 && bias.shape[0] === kernel.shape[1]))) return;
  const got = `x [..., ${features}], kernel [${kernel.shape.join(', ')}]${bias ? ` and bias [${bias.shape.join(', ')}]` : ''}`;
  throw new RangeError(`denseCrossEntropy: kernel must be [D, V] and bias [V] for x [..., D], got ${got}.`);
}
