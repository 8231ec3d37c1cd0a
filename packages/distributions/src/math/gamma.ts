import * as tf from '@tensorflow/tfjs-core';
import type { Numbers } from '../internal/differentiable.ts';
import { hostNary, hostUnary } from '../internal/host.ts';
import * as gamma from './scalar/incomplete-gamma.ts';
import * as logGamma from './scalar/log-gamma.ts';
import * as scalar from './scalar/polygamma.ts';

/**
 * log |Gamma(x)|, elementwise; +Infinity at 0, -1, -2, ...
 *
 * Computed on the host in float64: it reads `x` from the device. Differentiable to every order for x > 0.
 */
export const lgamma: (x: Numbers) => tf.Tensor = /* @__PURE__ */ hostUnary(logGamma.lgamma, (x) => digamma(x));

/**
 * Derivative of lgamma, elementwise; -Infinity at 0, NaN at -1, -2, ...
 *
 * Computed on the host in float64: it reads `x` from the device. Differentiable to every order for x > 0.
 */
export const digamma: (x: Numbers) => tf.Tensor = /* @__PURE__ */ hostUnary(scalar.digamma, (x) => polygamma(1, x));

/**
 * Derivative of order `n` of digamma, elementwise, for x > 0 (trigamma, n = 1, for all x). `n` is a whole number >= 1.
 *
 * Computed on the host in float64: it reads `x` from the device. Differentiable to every order.
 */
export function polygamma(n: number, x: Numbers): tf.Tensor {
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new RangeError(`polygamma: n must be a whole number from 1, got ${n}. Order 0 is digamma.`);
  }
  return hostUnary(
    (each) => scalar.polygamma(n, each),
    (t) => polygamma(n + 1, t),
  )(x);
}

/**
 * log B(a, b) = lgamma(a) + lgamma(b) - lgamma(a + b) for a, b > 0, elementwise with broadcasting; the large terms do
 * not cancel.
 *
 * Computed on the host in float64: it reads from the device. Differentiable to every order.
 */
export const lbeta: (a: Numbers, b: Numbers) => tf.Tensor = /* @__PURE__ */ hostNary(
  'lbeta',
  ['a', 'b'],
  logGamma.lbeta,
  [(a, b) => digammaDifference(a!, b!), (a, b) => digammaDifference(b!, a!)],
);

/** digamma(a) - digamma(a + b). */
const digammaDifference = /* @__PURE__ */ hostNary(
  'digammaDifference',
  ['a', 'b'],
  (a, b) => scalar.digamma(a) - scalar.digamma(a + b),
  [(a, b) => tf.sub(polygamma(1, a!), polygamma(1, tf.add(a!, b!))), (a, b) => tf.neg(polygamma(1, tf.add(a!, b!)))],
);

/**
 * P(a, x), the regularised lower incomplete gamma function for a > 0 and x >= 0, elementwise with broadcasting: the
 * distribution function of Gamma(a, 1).
 *
 * Computed on the host in float64: it reads from the device. Differentiable by both arguments; of second derivatives
 * all but the one by `a` alone.
 */
export const gammainc: (a: Numbers, x: Numbers) => tf.Tensor = /* @__PURE__ */ hostNary(
  'gammainc',
  ['a', 'x'],
  gamma.gammainc,
  [(a, x) => gammaincByA(a!, x!), (a, x) => gammaDensity(a!, x!)],
);

/** Q(a, x) = 1 - P(a, x), with all digits where it is small; otherwise as `gammainc`. */
export const gammaincc: (a: Numbers, x: Numbers) => tf.Tensor = /* @__PURE__ */ hostNary(
  'gammaincc',
  ['a', 'x'],
  gamma.gammaincc,
  [(a, x) => tf.neg(gammaincByA(a!, x!)), (a, x) => tf.neg(gammaDensity(a!, x!))],
);

const gammaincByA = /* @__PURE__ */ hostNary('gammainc', ['a', 'x'], gamma.gammaincByA, [
  undefined,
  (a, x) => tf.mul(gammaDensity(a!, x!), tf.sub(tf.log(x!), digamma(a!))),
]);

/** x^(a - 1) exp(-x) / Gamma(a), also at 0. */
const gammaDensity: (a: Numbers, x: Numbers) => tf.Tensor = /* @__PURE__ */ hostNary(
  'gammainc',
  ['a', 'x'],
  (a, x) => {
    if (!(a > 0 && x >= 0)) return NaN;
    if (x > 0) return x === Infinity ? 0 : Math.exp(gamma.logGammaKernel(a, x)) / x;
    return a === 1 ? 1 : a < 1 ? Infinity : 0;
  },
  [
    (a, x) => tf.mul(gammaDensity(a!, x!), tf.sub(tf.log(x!), digamma(a!))),
    (a, x) => tf.mul(gammaDensity(a!, x!), tf.sub(tf.div(tf.sub(a!, 1), x!), 1)),
  ],
);
