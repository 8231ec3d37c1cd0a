import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from '../distribution.ts';
import { constant } from '../internal/constant.ts';
import { digamma, expm1, lbeta, lgamma, log1p, ndtr, xlog1py } from '../math.ts';
import { type KlFormula, parametersOf } from './formula.ts';

const EULER = 0.5772156649015329;
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

// Formulas of one q are -E_p[log q] - H(p): each p brings the expectations that log q needs. All of them are textbook
// moments (Johnson, Kotz & Balakrishnan 1994-95, Continuous Univariate Distributions); the pairs are those of
// torch.distributions.kl and TFP, and a few more that the same moments give.

/** log scale + log(2 pi) / 2 + E[((x - loc) / scale)^2] / 2 - H(p). */
export const toNormal: KlFormula = (p, q) => {
  const { loc, scale } = parametersOf(q);
  const square = tf.add(tf.square(tf.div(tf.sub(p.mean(), loc), scale)), tf.square(tf.div(p.stddev(), scale)));
  return tf.sub(tf.add(tf.mul(0.5, square), tf.add(tf.log(scale), HALF_LOG_2PI)), p.entropy());
};

/** rate E[x] - log rate - H(p). */
export const toExponential: KlFormula = (p, q) => {
  const { rate } = parametersOf(q);
  return onPositive(p, tf.sub(tf.sub(tf.mul(rate, p.mean()), tf.log(rate)), p.entropy()));
};

/** rate E[x] - (a - 1) E[log x] + log Gamma(a) - a log rate - H(p). */
export const toGamma: KlFormula = (p, q) => {
  const { concentration, rate } = parametersOf(q);
  const linear = tf.sub(tf.mul(rate, p.mean()), tf.mul(tf.sub(concentration, 1), meanLog(p)));
  const normaliser = tf.sub(lgamma(concentration), tf.mul(concentration, tf.log(rate)));
  return onPositive(p, tf.sub(tf.add(linear, normaliser), p.entropy()));
};

/** E[z] + E[exp(-z)] + log scale - H(p), z = (x - loc) / scale. */
export const toGumbel: KlFormula = (p, q) => {
  const { loc, scale } = parametersOf(q);
  const linear = tf.add(tf.div(tf.sub(p.mean(), loc), scale), tf.log(scale));
  return tf.sub(tf.add(linear, meanExp(p, loc, scale)), p.entropy());
};

/** E|x - loc| / scale + log(2 scale) - H(p), the mean distance of a normal that of the folded normal. */
export const normalToLaplace: KlFormula = (p, q) => {
  const [{ loc, scale }, other] = [parametersOf(p), parametersOf(q)];
  const z = tf.div(tf.sub(loc, other.loc), scale);
  const peak = tf.mul(Math.sqrt(2 / Math.PI), tf.exp(tf.mul(-0.5, tf.square(z))));
  const distance = tf.add(peak, tf.mul(z, tf.sub(ndtr(z), ndtr(tf.neg(z)))));
  const expected = tf.mul(distance, tf.div(scale, other.scale));
  return tf.sub(tf.add(expected, tf.add(tf.log(other.scale), Math.LN2)), p.entropy());
};

/** log B(a, b) - (a - 1) E[log x] - (b - 1) E[log(1 - x)] - H(p). */
export const uniformToBeta: KlFormula = (p, q) => {
  const { concentration1: a, concentration0: b } = parametersOf(q);
  const { low, high } = parametersOf(p);
  const logs = tf.add(
    tf.mul(tf.sub(a, 1), meanLogUniform(low, high)),
    tf.mul(tf.sub(b, 1), meanLogUniform(tf.sub(1, high), tf.sub(1, low))),
  );
  const outside = constant((l, h) => tf.logicalOr(tf.less(l, 0), tf.greater(h, 1)))(low, high);
  return infiniteWhere(outside, tf.sub(tf.sub(lbeta(a, b), logs), p.entropy()));
};

/** log(high - low) - H(p), if [low, high] holds [0, 1]. */
export const betaToUniform: KlFormula = (p, q) => {
  const { low, high } = parametersOf(q);
  const outside = constant((l, h) => tf.logicalOr(tf.greater(l, 0), tf.less(h, 1)))(low, high);
  return infiniteWhere(outside, tf.sub(tf.log(tf.sub(high, low)), p.entropy()));
};

/** rate - E[x] log rate - H(p): the factorials of 0 and 1 are 1. */
export const bernoulliToPoisson: KlFormula = (p, q) => {
  const { rate } = parametersOf(q);
  return tf.sub(tf.sub(rate, tf.mul(p.mean(), tf.log(rate))), p.entropy());
};

/** -log q(loc): of discrete q. */
export const fromDeterministic: KlFormula = (p, q) => tf.neg(q.logProb(parametersOf(p).loc));

export const infinite: KlFormula = () => tf.scalar(Number.POSITIVE_INFINITY);

/** E[log x]. */
function meanLog(p: Distribution): tf.Tensor {
  const { loc, scale, rate, concentration1, concentration0, low, high } = parametersOf(p);
  switch (p.name) {
    case 'Beta':
      return tf.sub(digamma(concentration1), digamma(tf.add(concentration1, concentration0)));
    case 'Exponential':
      return tf.neg(tf.add(tf.log(rate), EULER));
    case 'HalfNormal':
      return tf.sub(tf.log(scale), (EULER + Math.LN2) / 2);
    case 'LogNormal':
      return loc;
    default:
      return meanLogUniform(low, high);
  }
}

/** E[log x] of 0 <= low < high: log high - 1 - r log r / (1 - r), r = low / high; 0 stands for what is below. */
function meanLogUniform(low: tf.Tensor, high: tf.Tensor): tf.Tensor {
  const from = tf.relu(low);
  const width = tf.div(tf.sub(high, from), high);
  return tf.sub(tf.log(high), tf.add(1, tf.div(xlog1py(tf.div(from, high), tf.neg(width)), width)));
}

/** E[exp(-(x - loc) / scale)]. */
function meanExp(p: Distribution, loc: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const own = parametersOf(p);
  switch (p.name) {
    case 'Exponential':
      return tf.div(tf.exp(tf.div(loc, scale)), tf.add(1, tf.div(1, tf.mul(own.rate, scale))));
    case 'Gamma': {
      const logMoment = tf.mul(own.concentration, log1p(tf.div(1, tf.mul(own.rate, scale))));
      return tf.exp(tf.sub(tf.div(loc, scale), logMoment));
    }
    case 'Normal': {
      const spread = tf.mul(0.5, tf.square(tf.div(own.scale, scale)));
      return tf.exp(tf.add(tf.div(tf.sub(loc, own.loc), scale), spread));
    }
    default: {
      const width = tf.div(tf.sub(own.high, own.low), scale);
      const atLow = tf.exp(tf.div(tf.sub(loc, own.low), scale));
      return tf.mul(atLow, tf.div(tf.neg(expm1(tf.neg(width))), width));
    }
  }
}

/** +Infinity where a Uniform p reaches below 0. */
function onPositive(p: Distribution, kl: tf.Tensor): tf.Tensor {
  return p.name === 'Uniform' ? infiniteWhere(constant((low) => tf.less(low, 0))(parametersOf(p).low), kl) : kl;
}

const infiniteWhere = (mask: tf.Tensor, kl: tf.Tensor): tf.Tensor =>
  tf.where(mask, tf.fill(kl.shape, Number.POSITIVE_INFINITY), kl);
