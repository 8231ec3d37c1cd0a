import * as tf from '@tensorflow/tfjs-core';
import type { Distribution } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { expand } from './internal/expand.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import { digamma, expm1, lbeta, lgamma, log1p, ndtr, xlog1py } from './math.ts';
import { MultivariateNormalDiag } from './multivariate-normal-diag.ts';
import { MultivariateNormalTriL } from './multivariate-normal-tril.ts';
import { OneHotCategorical } from './one-hot-categorical.ts';

const EULER = 0.5772156649015329;
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** KL(p || q) in nats, of a shape that broadcasts to that of both batches; undefined if it is not for these two. */
export type KlFormula = (p: Distribution, q: Distribution) => tf.Tensor | undefined;

/**
 * KL(p || q) in nats, shape = broadcast of both batch shapes: by p's own formula for two of one family, else from the
 * table of pairs, by the families' names. +Infinity where q gives 0 to what p does not.
 *
 * @throws TypeError if there is no formula, and says which there are; RangeError if the shapes do not fit.
 */
export function klDivergence(p: Distribution, q: Distribution): tf.Tensor {
  return tf.tidy(() => {
    const formula = TABLE.get(pair(p.name, q.name));
    if (formula === undefined) {
      // Defined or not, as for every method of a family.
      if (p.name !== q.name || !('_klDivergence' in p)) throw unknown(p, q);
      return p.klDivergence(q);
    }
    if (!sameShape(p.eventShape, q.eventShape)) {
      throw new RangeError(
        `klDivergence: p and q must have one event shape, got ${showShape(p.eventShape)} of p, ${p.name}, and ` +
          `${showShape(q.eventShape)} of q, ${q.name}.`,
      );
    }
    const shape = broadcastShape('klDivergence', { 'p.batchShape': p.batchShape, 'q.batchShape': q.batchShape });
    const kl = formula(p, q);
    if (kl === undefined) throw unknown(p, q);
    return expand(kl, shape);
  });
}

/** The cross-entropy -E_p[log q] = entropy of p + KL(p || q), where both are known. */
export function crossEntropy(p: Distribution, q: Distribution): tf.Tensor {
  return tf.tidy(() => tf.add(p.entropy(), klDivergence(p, q)));
}

/**
 * Adds a formula for distributions of these names, which `klDivergence` uses from now on.
 *
 * @throws RangeError if the pair has one.
 */
export function registerKl(pName: string, qName: string, formula: KlFormula): void {
  const key = pair(pName, qName);
  if (TABLE.has(key)) throw new RangeError(`registerKl: KL(${key}) has a formula already: one pair, one formula.`);
  TABLE.set(key, formula);
}

/** The names of p and q of every pair in the table. */
export function knownKl(): [pName: string, qName: string][] {
  return [...TABLE.keys()].map((key) => key.split(BETWEEN) as [string, string]);
}

const BETWEEN = ' || ';
const pair = (pName: string, qName: string): string => pName + BETWEEN + qName;

function unknown(p: Distribution, q: Distribution): TypeError {
  const known = knownKl();
  const list = (names: string[]) => (names.length === 0 ? 'none' : names.join(', '));
  return new TypeError(
    `klDivergence: KL(${pair(p.name, q.name)}) has no formula. With ${p.name} as p the table has q: ` +
      `${list(known.filter(([name]) => name === p.name).map(([, name]) => name))}; with ${q.name} as q it has p: ` +
      `${list(known.filter(([, name]) => name === q.name).map(([name]) => name))}. Add one with registerKl, or estimate ` +
      'it: monteCarloKl(p, q, { samples, seed }).',
  );
}

// Formulas of one q are -E_p[log q] - H(p): each p brings the expectations that log q needs. All of them are textbook
// moments (Johnson, Kotz & Balakrishnan 1994-95, Continuous Univariate Distributions); the pairs are those of
// torch.distributions.kl and TFP, and a few more that the same moments give.

/** log scale + log(2 pi) / 2 + E[((x - loc) / scale)^2] / 2 - H(p). */
const toNormal: KlFormula = (p, q) => {
  const { loc, scale } = parametersOf(q);
  const square = tf.add(tf.square(tf.div(tf.sub(p.mean(), loc), scale)), tf.square(tf.div(p.stddev(), scale)));
  return tf.sub(tf.add(tf.mul(0.5, square), tf.add(tf.log(scale), HALF_LOG_2PI)), p.entropy());
};

/** rate E[x] - log rate - H(p). */
const toExponential: KlFormula = (p, q) => {
  const { rate } = parametersOf(q);
  return onPositive(p, tf.sub(tf.sub(tf.mul(rate, p.mean()), tf.log(rate)), p.entropy()));
};

/** rate E[x] - (a - 1) E[log x] + log Gamma(a) - a log rate - H(p). */
const toGamma: KlFormula = (p, q) => {
  const { concentration, rate } = parametersOf(q);
  const linear = tf.sub(tf.mul(rate, p.mean()), tf.mul(tf.sub(concentration, 1), meanLog(p)));
  const normaliser = tf.sub(lgamma(concentration), tf.mul(concentration, tf.log(rate)));
  return onPositive(p, tf.sub(tf.add(linear, normaliser), p.entropy()));
};

/** E[z] + E[exp(-z)] + log scale - H(p), z = (x - loc) / scale. */
const toGumbel: KlFormula = (p, q) => {
  const { loc, scale } = parametersOf(q);
  const linear = tf.add(tf.div(tf.sub(p.mean(), loc), scale), tf.log(scale));
  return tf.sub(tf.add(linear, meanExp(p, loc, scale)), p.entropy());
};

/** E|x - loc| / scale + log(2 scale) - H(p), the mean distance of a normal that of the folded normal. */
const normalToLaplace: KlFormula = (p, q) => {
  const [{ loc, scale }, other] = [parametersOf(p), parametersOf(q)];
  const z = tf.div(tf.sub(loc, other.loc), scale);
  const peak = tf.mul(Math.sqrt(2 / Math.PI), tf.exp(tf.mul(-0.5, tf.square(z))));
  const distance = tf.add(peak, tf.mul(z, tf.sub(ndtr(z), ndtr(tf.neg(z)))));
  const expected = tf.mul(distance, tf.div(scale, other.scale));
  return tf.sub(tf.add(expected, tf.add(tf.log(other.scale), Math.LN2)), p.entropy());
};

/** log B(a, b) - (a - 1) E[log x] - (b - 1) E[log(1 - x)] - H(p). */
const uniformToBeta: KlFormula = (p, q) => {
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
const betaToUniform: KlFormula = (p, q) => {
  const { low, high } = parametersOf(q);
  const outside = constant((l, h) => tf.logicalOr(tf.greater(l, 0), tf.less(h, 1)))(low, high);
  return infiniteWhere(outside, tf.sub(tf.log(tf.sub(high, low)), p.entropy()));
};

/** rate - E[x] log rate - H(p): the factorials of 0 and 1 are 1. */
const bernoulliToPoisson: KlFormula = (p, q) => {
  const { rate } = parametersOf(q);
  return tf.sub(tf.sub(rate, tf.mul(p.mean(), tf.log(rate))), p.entropy());
};

/** -log q(loc): of discrete q. */
const fromDeterministic: KlFormula = (p, q) => tf.neg(q.logProb(parametersOf(p).loc));

const infinite: KlFormula = () => tf.scalar(Number.POSITIVE_INFINITY);

/** Both read as multivariate normals with triangular scales. */
const normals: KlFormula = (p, q) => {
  const [first, second] = [asTriL(p), asTriL(q)];
  return first && second && first.klDivergence(second);
};

/** Both diagonal: one of them Independent of Normals. */
const diagonalNormals: KlFormula = (p, q) => {
  const [first, second] = [asDiag(p), asDiag(q)];
  return first && second && first.klDivergence(second);
};

const oneHots: KlFormula = (p, q) =>
  new OneHotCategorical(parametersOf(p).logits).klDivergence(new OneHotCategorical(parametersOf(q).logits));

/** The sum over the event of what the bases have. */
const independents: KlFormula = (p, q) => {
  const [first, second] = [p as Combined, q as Combined];
  const rank = first.reinterpretedBatchRank!;
  if (rank !== second.reinterpretedBatchRank) return undefined;
  const each = klDivergence(first.base, second.base);
  const axes = Array.from({ length: rank }, (_, i) => each.rank - rank + i);
  return rank === 0 ? each : tf.sum(each, axes);
};

/** One bijection of both changes nothing. */
const transformed: KlFormula = (p, q) => {
  const [first, second] = [p as Combined, q as Combined];
  return first.bijector!.isSame(second.bijector) ? klDivergence(first.base, second.base) : undefined;
};

/** What the combinators have, read by name: they may come from another copy of this package. */
interface Combined extends Distribution {
  base: Distribution;
  reinterpretedBatchRank?: number;
  bijector?: { isSame(other: unknown): boolean };
}

const parametersOf = (d: Distribution): Record<Parameter, tf.Tensor> => d.parameters as Record<Parameter, tf.Tensor>;
type Parameter =
  | 'loc'
  | 'scale'
  | 'rate'
  | 'concentration'
  | 'concentration1'
  | 'concentration0'
  | 'low'
  | 'high'
  | 'logits';

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

function asDiag(d: Distribution): MultivariateNormalDiag | undefined {
  if (d.name === 'MultivariateNormalDiag') return d as MultivariateNormalDiag;
  const { base, reinterpretedBatchRank } = d as Combined;
  if (d.name !== 'Independent' || base.name !== 'Normal' || reinterpretedBatchRank !== 1) return undefined;
  const { loc, scale } = parametersOf(base);
  return new MultivariateNormalDiag(expand(loc, base.batchShape), expand(scale, base.batchShape));
}

function asTriL(d: Distribution): MultivariateNormalTriL | undefined {
  if (d.name === 'MultivariateNormalTriL') return d as MultivariateNormalTriL;
  const diagonal = asDiag(d);
  if (diagonal === undefined) return undefined;
  const [n] = diagonal.eventShape;
  const scale = tf.mul(tf.expandDims(diagonal.scaleDiag, -1), tf.eye(n));
  return new MultivariateNormalTriL(diagonal.loc, scale);
}

const REAL_LINE = ['Cauchy', 'Gumbel', 'Laplace', 'Logistic', 'Normal', 'StudentT'];
const HALF_LINE = ['Exponential', 'Gamma', 'HalfNormal', 'LogNormal'];
const BOUNDED = ['Beta', 'Uniform'];

/** Pairs of each p with each q. */
const pairs = (ps: readonly string[], qs: readonly string[], formula: KlFormula): [string, KlFormula][] =>
  ps.flatMap((p) => qs.map((q): [string, KlFormula] => [pair(p, q), formula]));

const TABLE = /* @__PURE__ */ new Map<string, KlFormula>([
  ...pairs(
    ['Beta', 'Exponential', 'Gamma', 'Gumbel', 'HalfNormal', 'Laplace', 'Logistic', 'LogNormal', 'Uniform'],
    ['Normal'],
    toNormal,
  ),
  ...pairs(['Beta', 'Gamma', 'HalfNormal', 'LogNormal', 'Uniform'], ['Exponential'], toExponential),
  ...pairs(['Beta', 'Exponential', 'HalfNormal', 'LogNormal', 'Uniform'], ['Gamma'], toGamma),
  ...pairs(['Exponential', 'Gamma', 'Normal', 'Uniform'], ['Gumbel'], toGumbel),
  ...pairs(['Normal'], ['Laplace'], normalToLaplace),
  ...pairs(['Uniform'], ['Beta'], uniformToBeta),
  ...pairs(['Beta'], ['Uniform'], betaToUniform),
  ...pairs(['Bernoulli'], ['Poisson'], bernoulliToPoisson),
  ...pairs(['Deterministic'], ['Bernoulli', 'Binomial', 'Categorical', 'Poisson'], fromDeterministic),
  ...pairs(REAL_LINE, [...HALF_LINE, ...BOUNDED], infinite),
  ...pairs(HALF_LINE, BOUNDED, infinite),
  ...pairs(['Poisson'], ['Bernoulli', 'Binomial'], infinite),
  ...pairs(['MultivariateNormalDiag', 'Independent'], ['MultivariateNormalTriL'], normals),
  ...pairs(['MultivariateNormalTriL'], ['MultivariateNormalDiag', 'Independent'], normals),
  ...pairs(['MultivariateNormalDiag'], ['Independent'], diagonalNormals),
  ...pairs(['Independent'], ['MultivariateNormalDiag'], diagonalNormals),
  ...pairs(['OneHotCategorical'], ['OneHotCategoricalStraightThrough'], oneHots),
  ...pairs(['OneHotCategoricalStraightThrough'], ['OneHotCategorical'], oneHots),
  ...pairs(['Independent'], ['Independent'], independents),
  ...pairs(['TransformedDistribution'], ['TransformedDistribution'], transformed),
]);
