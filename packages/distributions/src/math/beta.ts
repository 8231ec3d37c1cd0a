import * as tf from '@tensorflow/tfjs-core';
import type { Numbers } from '../internal/differentiable.ts';
import { hostNary } from '../internal/host.ts';
import * as scalar from './scalar/incomplete-beta.ts';
import { digamma } from './scalar/polygamma.ts';

/**
 * I_x(a, b), the regularised incomplete beta function for a, b > 0 and x in [0, 1], elementwise with broadcasting: the
 * distribution function of Beta(a, b). 1 - I_x(a, b) is betainc(b, a, 1 - x). Good for parameters up to about 1e10.
 *
 * Computed on the host in float64: it reads from the device. Differentiable by all arguments; of second derivatives
 * those by x and one argument.
 */
export const betainc: (a: Numbers, b: Numbers, x: Numbers) => tf.Tensor = /* @__PURE__ */ hostNary(
  'betainc',
  ['a', 'b', 'x'],
  (a, b, x) => scalar.betainc(a, b, x),
  [(a, b, x) => betaincByA(a!, b!, x!), (a, b, x) => betaincByB(a!, b!, x!), (a, b, x) => betaDensity(a!, b!, x!)],
);

const betaincByA = /* @__PURE__ */ hostNary('betainc', ['a', 'b', 'x'], (a, b, x) => scalar.betaincByA(a, b, x), [
  undefined,
  undefined,
  (a, b, x) => tf.mul(betaDensity(a!, b!, x!), logDensityByA(a!, b!, x!)),
]);

const betaincByB = /* @__PURE__ */ hostNary('betainc', ['a', 'b', 'x'], (a, b, x) => scalar.betaincByB(a, b, x), [
  undefined,
  undefined,
  (a, b, x) => tf.mul(betaDensity(a!, b!, x!), logDensityByA(b!, a!, tf.sub(1, x!))),
]);

/** x^(a - 1) (1 - x)^(b - 1) / B(a, b), also at 0 and 1. */
const betaDensity: (a: Numbers, b: Numbers, x: Numbers) => tf.Tensor = /* @__PURE__ */ hostNary(
  'betainc',
  ['a', 'b', 'x'],
  (a, b, x) => {
    if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NaN;
    if (x > 0 && x < 1) return Math.exp(scalar.logBetaKernel(a, b, x, 1 - x)) / (x * (1 - x));
    const [near, far] = x === 0 ? [a, b] : [b, a];
    return near === 1 ? far : near < 1 ? Infinity : 0;
  },
  [
    (a, b, x) => tf.mul(betaDensity(a!, b!, x!), logDensityByA(a!, b!, x!)),
    (a, b, x) => tf.mul(betaDensity(a!, b!, x!), logDensityByA(b!, a!, tf.sub(1, x!))),
    (a, b, x) =>
      tf.mul(betaDensity(a!, b!, x!), tf.sub(tf.div(tf.sub(a!, 1), x!), tf.div(tf.sub(b!, 1), tf.sub(1, x!)))),
  ],
);

/** Derivative of the log density by a. */
const logDensityByA = /* @__PURE__ */ hostNary(
  'betainc',
  ['a', 'b', 'x'],
  (a, b, x) => Math.log(x) - digamma(a) + digamma(a + b),
  [undefined, undefined, undefined],
);
