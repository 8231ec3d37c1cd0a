import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../internal/constant.ts';
import { differentiable, differentiableNary, type Numbers } from '../internal/differentiable.ts';
import { expm1, finiteLog1p, log1p } from './log1p.ts';

/** log(1 + exp(x)), elementwise, with all digits at both ends. Differentiable to every order. */
export const softplus: (x: Numbers) => tf.Tensor = /* @__PURE__ */ differentiable(
  (x) => tf.add(tf.relu(x), finiteLog1p(tf.exp(tf.neg(tf.abs(x))))),
  (x) => tf.sigmoid(x),
);

/**
 * The x with softplus(x) = y, elementwise: log(exp(y) - 1). -Infinity at 0, NaN below. Differentiable to every order.
 */
export const softplusInverse: (y: Numbers) => tf.Tensor = /* @__PURE__ */ differentiable(
  (y) => tf.add(y, logOneMinusExp(y)),
  (y) => tf.div(-1, expm1(tf.neg(y))),
);

/** log(1 - exp(-|x|)), elementwise; -Infinity at 0. Differentiable to every order. */
export const log1mexp: (x: Numbers) => tf.Tensor = /* @__PURE__ */ differentiable(
  (x) => logOneMinusExp(tf.abs(x)),
  (x) => {
    const sign = constant((t) => tf.where(tf.less(t!, 0), tf.neg(tf.onesLike(t!)), tf.onesLike(t!)))(x);
    return tf.div(sign, expm1(tf.abs(x)));
  },
);

/**
 * log(1 - exp(-x)) for x >= 0, by the form that keeps its digits on either side of log 2.
 * Source: Maechler 2012, "Accurately computing log(1 - exp(-|a|))", R package Rmpfr.
 */
function logOneMinusExp(x: tf.Tensor): tf.Tensor {
  const minus = tf.neg(x);
  return tf.where(tf.less(x, Math.LN2), tf.log(tf.neg(expm1(minus))), log1p(tf.neg(tf.exp(minus))));
}

/**
 * log(exp(a) + exp(b)), elementwise with broadcasting; right for infinities too.
 *
 * Its gradient is the softmax of the two, and 0 where both are -Infinity. Differentiable to every order.
 */
export const logAddExp: (a: Numbers, b: Numbers) => tf.Tensor = /* @__PURE__ */ differentiableNary(
  'logAddExp',
  ['a', 'b'],
  ([a, b], shape) => {
    const distance = tf.where(tf.equal(a!, b!), tf.zeros(shape), tf.abs(tf.sub(a!, b!)));
    return tf.add(tf.maximum(a!, b!), finiteLog1p(tf.exp(tf.neg(distance))));
  },
  [(a, b) => share(a!, b!), (a, b) => share(b!, a!)],
);

/** exp(a) / (exp(a) + exp(b)): 1/2 where both are +Infinity, 0 where both are -Infinity. */
function share(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const finite = (t: tf.Tensor) =>
    tf.where(constant((u) => tf.isFinite(u!))(t), t, constant((u) => tf.clipByValue(u!, -1e38, 1e38))(t));
  const none = constant((s, t) => tf.cast(tf.greater(tf.maximum(s!, t!), -Infinity), 'float32'))(a, b);
  return tf.mul(none, tf.sigmoid(tf.sub(finite(a), finite(b))));
}
