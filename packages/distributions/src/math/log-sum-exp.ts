import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../internal/constant.ts';
import { differentiable, type Numbers } from '../internal/differentiable.ts';

/**
 * log of the sum of exp(x) over `axis` (all axes if omitted), which stays with size 1 if `keepDims`.
 *
 * -Infinity where all are -Infinity, with gradient 0; +Infinity where any is, and those share the gradient equally.
 * Differentiable to every order.
 */
export function logSumExp(x: Numbers, axis?: number | number[], keepDims = false): tf.Tensor {
  return tf.tidy(() => {
    const t = x instanceof tf.Tensor ? x : tf.tensor(x);
    const axes = tf.util.parseAxisParam(axis ?? t.shape.map((_, i) => i), t.shape);
    const kept = differentiable(
      (u) => {
        const max = tf.max(u, axes, true);
        const shift = tf.where(tf.isFinite(max), max, tf.zerosLike(max));
        return tf.add(tf.log(tf.sum(tf.exp(tf.sub(u, shift)), axes, true)), shift);
      },
      (u) => shares(u, axes),
    )(t);
    if (keepDims) return kept;
    return tf.reshape(
      kept,
      t.shape.filter((_, i) => !axes.includes(i)),
    );
  });
}

/**
 * x - logSumExp(x) along `axis`, in x's shape: the logs of softmax(x).
 *
 * Several +Infinity share their row's probability; a row all -Infinity has none, and is NaN. Differentiable to every order.
 */
export function logSoftmax(x: Numbers, axis = -1): tf.Tensor {
  return tf.tidy(() => {
    const t = x instanceof tf.Tensor ? x : tf.tensor(x);
    const axes = tf.util.parseAxisParam(axis, t.shape);
    const distance = fromMax(t, axes);
    return tf.sub(distance, logSumExp(distance, axes, true));
  });
}

/** x less its largest element over `axes`, a constant; 0 for +Infinity. NaN where all are -Infinity. */
function fromMax(x: tf.Tensor, axes: number[]): tf.Tensor {
  const max = constant((t) => tf.max(t!, axes, true))(x);
  const infinite = constant((t) => tf.equal(t!, Infinity))(x);
  return tf.where(infinite, tf.zerosLike(x), tf.sub(x, max));
}

/** Softmax of x over `axes`; 0 where all are -Infinity. */
function shares(x: tf.Tensor, axes: number[]): tf.Tensor {
  const none = constant((t) => tf.equal(tf.maximum(t!, tf.max(t!, axes, true)), -Infinity))(x);
  const e = tf.exp(fromMax(tf.where(none, tf.zerosLike(x), x), axes));
  return tf.where(none, tf.zerosLike(x), tf.div(e, tf.sum(e, axes, true)));
}
