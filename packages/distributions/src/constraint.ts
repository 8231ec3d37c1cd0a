import * as tf from '@tensorflow/tfjs-core';
import type { Value } from './distribution.ts';

/** What a parameter or a value must satisfy: `support`, `argConstraints`, and what `validateArgs` checks. */
export interface Constraint {
  /** In words, as error messages give it. */
  readonly name: string;
  /** How many of the last axes make one checked thing: 0 for numbers, 1 for vectors, 2 for matrices. */
  readonly eventRank: number;
  /** Booleans, one for each checked thing: `value` without its last `eventRank` axes. Reads nothing back. */
  check(value: tf.Tensor): tf.Tensor;
}

type Bound = number | tf.Tensor;

const show = (bound: Bound): string => (typeof bound === 'number' ? String(bound) : `tensor [${bound.shape}]`);
const scalar = (name: string, check: (value: tf.Tensor) => tf.Tensor): Constraint => ({ name, eventRank: 0, check });
const isInteger = (value: tf.Tensor): tf.Tensor => tf.equal(value, tf.round(value));
const both = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.logicalAnd(a, b);

/** Any number but NaN. */
export const real = /* @__PURE__ */ scalar('real', (value) => tf.equal(value, value));
export const positive = /* @__PURE__ */ scalar('positive', (value) => tf.greater(value, 0));
export const nonnegative = /* @__PURE__ */ scalar('nonnegative', (value) => tf.greaterEqual(value, 0));
/** Any number but 0 and NaN. */
export const nonzero = /* @__PURE__ */ scalar('nonzero', (value) => tf.greater(tf.abs(value), 0));
/** What a quantile is asked for. */
export const probability = /* @__PURE__ */ scalar('a probability, in [0, 1]', (p) =>
  both(tf.greaterEqual(p, 0), tf.lessEqual(p, 1)),
);
/** 0 or 1. */
export const boolean = /* @__PURE__ */ scalar('0 or 1', (value) =>
  tf.logicalOr(tf.equal(value, 0), tf.equal(value, 1)),
);
export const nonnegativeInteger = /* @__PURE__ */ scalar('a nonnegative integer', (value) =>
  both(tf.greaterEqual(value, 0), isInteger(value)),
);

/** low <= x <= high; the bounds broadcast. */
export const interval = (low: Bound, high: Bound): Constraint =>
  scalar(`in [${show(low)}, ${show(high)}]`, (value) => both(tf.greaterEqual(value, low), tf.lessEqual(value, high)));

export const unitInterval = /* @__PURE__ */ interval(0, 1);

export const openUnitInterval = /* @__PURE__ */ scalar('in (0, 1)', (value) =>
  both(tf.greater(value, 0), tf.less(value, 1)),
);

/** Integers of low <= x <= high; the bounds broadcast. */
export const integerInterval = (low: Bound, high: Bound): Constraint =>
  scalar(`an integer in [${show(low)}, ${show(high)}]`, (value) =>
    both(isInteger(value), interval(low, high).check(value)),
  );

/** x > low, where `low` is called `name` in messages. */
export const greaterThan = (low: Value, name: string): Constraint =>
  scalar(`greater than ${name}`, (value) => tf.greater(value, low as tf.TensorLike));

/** The one value, or batch of values, that a Deterministic gives. */
export const equalTo = (point: Bound): Constraint =>
  scalar(`equal to ${show(point)}`, (value) => tf.equal(value, point));

/** Every number along the last `rank` axes satisfies `base`. */
export const each = (base: Constraint, rank: number): Constraint =>
  rank === 0
    ? base
    : {
        name: `${base.name} in each element`,
        eventRank: base.eventRank + rank,
        check: (value) => {
          const held = base.check(value);
          return tf.all(held, lastAxes(held.rank, rank));
        },
      };

export const realVector = /* @__PURE__ */ each(real, 1);

/** A vector along the last axis with an element that is not 0. */
export const nonzeroVector: Constraint = {
  name: 'a vector that is not 0',
  eventRank: 1,
  check: (value) => both(tf.greater(tf.max(tf.abs(value), -1), 0), realVector.check(value)),
};

/** Nonnegative numbers along the last axis that add up to 1, within 1e-5 for each. */
export const simplex: Constraint = {
  name: 'on the simplex (nonnegative, sum 1)',
  eventRank: 1,
  check: (value) =>
    both(
      tf.all(tf.greaterEqual(value, 0), -1),
      tf.lessEqual(tf.abs(tf.sub(tf.sum(value, -1), 1)), 1e-5 * value.shape.at(-1)!),
    ),
};

/** Positive numbers along the last axis that add up to 1, within 1e-5 for each. */
export const openSimplex: Constraint = {
  name: 'inside the simplex (positive, sum 1)',
  eventRank: 1,
  check: (value) => both(tf.all(tf.greater(value, 0), -1), simplex.check(value)),
};

/** Logarithms of a point inside the simplex, along the last axis. */
export const logSimplex: Constraint = {
  name: 'finite logarithms of a point on the simplex',
  eventRank: 1,
  check: (value) => both(tf.all(tf.greater(value, -Infinity), -1), simplex.check(tf.exp(value))),
};

/** One 1 along the last axis, the rest 0. */
export const oneHot: Constraint = {
  name: 'one-hot',
  eventRank: 1,
  check: (value) => both(tf.all(boolean.check(value), -1), tf.equal(tf.sum(value, -1), 1)),
};

/** A lower triangular matrix with a positive diagonal, along the last two axes. */
export const lowerCholesky: Constraint = {
  name: 'lower triangular with a positive diagonal',
  eventRank: 2,
  check: (value) => {
    const n = value.shape.at(-1)!;
    const upper = tf.sub(1, tf.linalg.bandPart(tf.ones([n, n]), -1, 0));
    const clean = tf.all(tf.equal(tf.mul(value, upper), 0), [-2 + value.rank, -1 + value.rank]);
    const off = tf.sub(1, tf.eye(n)); // 1 off the diagonal, which passes
    return both(
      clean,
      tf.all(tf.greater(tf.add(tf.mul(value, tf.eye(n)), off), 0), [-2 + value.rank, -1 + value.rank]),
    );
  },
};

function lastAxes(rank: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => rank - count + i);
}
