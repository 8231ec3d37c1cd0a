import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../internal/constant.ts';
import { differentiable, differentiableNary, type Numbers } from '../internal/differentiable.ts';
import { expand } from '../internal/expand.ts';

/** log(1 + x) for finite x > -1, with no gradient of its own: log(1 + x as rounded) plus what rounding took, to first order. */
export function finiteLog1p(x: tf.Tensor): tf.Tensor {
  const u = tf.add(1, x);
  return tf.sub(tf.log(u), tf.div(tf.sub(tf.sub(u, 1), x), u));
}

/**
 * log(1 + x), elementwise, with all digits near 0 on every engine (tfjs's wasm kernel gives 0 for 1e-8).
 * Differentiable to every order.
 */
export const log1p: (x: Numbers) => tf.Tensor = /* @__PURE__ */ differentiable(
  (x) => {
    const inside = tf.logicalAnd(tf.greater(x, -1), tf.less(x, Infinity));
    return tf.where(inside, finiteLog1p(x), tf.log(tf.add(1, x)));
  },
  (x) => tf.div(1, tf.add(1, x)),
);

/**
 * exp(x) - 1, elementwise, with all digits near 0 on every engine.
 *
 * Source: Kahan's (u - 1) x / log u with u = exp(x) as rounded, whose errors cancel. Differentiable to every order.
 */
export const expm1: (x: Numbers) => tf.Tensor = /* @__PURE__ */ differentiable(
  (x) => {
    const u = tf.exp(x);
    const minus1 = tf.sub(u, 1);
    const near = tf.where(tf.equal(u, 1), x, tf.div(tf.mul(minus1, x), tf.log(u)));
    return tf.where(tf.less(tf.abs(x), 0.5), near, minus1);
  },
  (x) => tf.exp(x),
);

/**
 * x log y, elementwise with broadcasting, and 0 where x is 0 (whatever y is, but for NaN).
 *
 * Its gradient is log y and x / y; both 0 at x = y = 0.
 */
export const xlogy: (x: Numbers, y: Numbers) => tf.Tensor = /* @__PURE__ */ differentiableNary(
  'xlogy',
  ['x', 'y'],
  ([x, y], shape) => zeroWhereZero(x!, tf.log(y!), y!, shape),
  [(x, y) => tf.log(orOne(x!, y!)), (x, y) => tf.div(x!, orOne(x!, y!))],
);

/**
 * x log(1 + y), elementwise with broadcasting, and 0 where x is 0 (whatever y is, but for NaN).
 *
 * Its gradient is log(1 + y) and x / (1 + y); both 0 at x = 0, y = -1.
 */
export const xlog1py: (x: Numbers, y: Numbers) => tf.Tensor = /* @__PURE__ */ differentiableNary(
  'xlog1py',
  ['x', 'y'],
  ([x, y], shape) => zeroWhereZero(x!, log1p(y!), y!, shape),
  [(x, y) => log1p(tf.sub(orOne(x!, tf.add(1, y!)), 1)), (x, y) => tf.div(x!, orOne(x!, tf.add(1, y!)))],
);

/** x log, 0 where x is 0 and y a number. */
function zeroWhereZero(x: tf.Tensor, log: tf.Tensor, y: tf.Tensor, shape: number[]): tf.Tensor {
  const zero = tf.logicalAnd(tf.equal(x, 0), tf.logicalNot(tf.isNaN(y)));
  return tf.where(zero, tf.zeros(shape), tf.mul(x, log));
}

/** y in the shape of both, and 1 where x is 0 and y not positive. */
function orOne(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const mask = constant((s, t) => tf.logicalAnd(tf.equal(s!, 0), tf.lessEqual(t!, 0)))(x, y);
  return tf.where(mask, tf.ones(mask.shape), expand(y, mask.shape));
}
