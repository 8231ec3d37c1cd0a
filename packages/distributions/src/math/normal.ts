import * as tf from '@tensorflow/tfjs-core';
import type { Numbers } from '../internal/differentiable.ts';
import { hostUnary } from '../internal/host.ts';
import * as scalar from './scalar/normal.ts';

/**
 * The y with erf(y) = x, elementwise, for x in [-1, 1]; -+Infinity at -+1, NaN outside.
 *
 * Computed on the host in float64: it reads `x` from the device. Differentiable to every order.
 */
export const erfinv: (x: Numbers) => tf.Tensor = /* @__PURE__ */ hostUnary(scalar.erfinv, (x) =>
  tf.mul(0.5 * Math.sqrt(Math.PI), tf.exp(tf.square(erfinv(x)))),
);

/**
 * Distribution function of the standard normal, elementwise, with all digits in the lower tail.
 *
 * Computed on the host in float64: it reads `x` from the device. Differentiable to every order.
 */
export const ndtr: (x: Numbers) => tf.Tensor = /* @__PURE__ */ hostUnary(scalar.ndtr, (x) =>
  tf.mul(1 / Math.sqrt(2 * Math.PI), tf.exp(tf.mul(-0.5, tf.square(x)))),
);

/**
 * Quantile of the standard normal, elementwise: the x with ndtr(x) = p. -Infinity at 0, +Infinity at 1, NaN outside.
 *
 * Computed on the host in float64: it reads `p` from the device. Differentiable to every order.
 */
export const ndtri: (p: Numbers) => tf.Tensor = /* @__PURE__ */ hostUnary(scalar.ndtri, (p) =>
  tf.mul(Math.sqrt(2 * Math.PI), tf.exp(tf.mul(0.5, tf.square(ndtri(p))))),
);

/**
 * log ndtr(x), elementwise, with all digits in both tails: about -x^2 / 2 far to the left.
 *
 * Computed on the host in float64: it reads `x` from the device. Differentiable to every order.
 */
export const logNdtr: (x: Numbers) => tf.Tensor = /* @__PURE__ */ hostUnary(scalar.logNdtr, (x) => logNdtrSlope(x));

/** h(x), the density over ndtr; h' = -h (x + h). */
const logNdtrSlope = /* @__PURE__ */ hostUnary(scalar.logNdtrSlope, (x) => {
  const slope = logNdtrSlope(x);
  return tf.neg(tf.mul(slope, tf.add(x, slope)));
});
