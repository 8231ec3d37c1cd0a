import fc from 'fast-check';
import type { Spec } from './spec.ts';

/** One family as every test family sees it. Numbers are exact in float32. */
export interface Case {
  /** The class's name. */
  family: string;
  /** A few distributions of ordinary parameters, scalar and batched: for tests by sampling. At least one is batched. */
  examples: readonly Spec[];
  /**
   * For every example a distribution with the same support and lighter tails (a smaller variance), such that the variance of
   * q(x) / p(x) under p is finite: E_p[q / p] = 1 holds the sampler to the density. Null for a Deterministic.
   */
  lighter: readonly (Spec | null)[];
  /** Ordinary parameters, any of them scalar or [2] or [3, 2]. */
  ordinary: fc.Arbitrary<Spec>;
  /** Any valid parameters: tiny, huge. */
  extreme: fc.Arbitrary<Spec>;
  /** Flat numbers for an event of `size` elements: in the support, at its edges, far in the tails; `outside` also off it. */
  value: (spec: Spec, size: number) => fc.Arbitrary<number[]>;
  outside?: (spec: Spec, size: number) => number[][];
  /** The whole support of a discrete distribution, or all but a mass below 1e-6, as flat events; continuous: omitted. */
  enumerate?: (spec: Spec) => number[][];
  /** What `validateArgs` must refuse, with its message. */
  invalid: readonly { spec: Spec; message: RegExp }[];
  /** Methods that throw "not defined"; every other one must work. */
  undefined: readonly Method[];
  /** The draws' gradient reaches the parameters as that of the quantile at fixed probability; or they are not reparameterised. */
  reparameterized: boolean;
}

export const METHODS = [
  'cdf',
  'logCdf',
  'survival',
  'logSurvival',
  'quantile',
  'entropy',
  'mean',
  'mode',
  'variance',
  'stddev',
  'covariance',
  'klDivergence',
  'crossEntropy',
] as const;
export type Method = (typeof METHODS)[number];

/** A float32 number of [low, high]. */
export const number = (low: number, high: number): fc.Arbitrary<number> =>
  fc.float({ min: Math.fround(low), max: Math.fround(high), noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);

/** A parameter: a scalar, or of shape [2], [3, 1] or [3, 2], so that any two of them broadcast. */
export function param(element: fc.Arbitrary<number>): fc.Arbitrary<unknown> {
  const list = <T>(item: fc.Arbitrary<T>, length: number) => fc.array(item, { minLength: length, maxLength: length });
  return fc.oneof(element, list(element, 2), list(list(element, 1), 3), list(list(element, 2), 3));
}

/** Specs of a family from an arbitrary of each parameter. */
export const specs = (distribution: string, params: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Spec> =>
  fc.record(params).map((p) => ({ distribution, params: p }));

/** 10^low to 10^high, evenly in the exponent. */
export const magnitude = (low: number, high: number): fc.Arbitrary<number> =>
  number(low, high).map((e) => Math.fround(10 ** e));

/** `size` numbers. */
export const values = (element: fc.Arbitrary<number>, size: number): fc.Arbitrary<number[]> =>
  fc.array(element, { minLength: size, maxLength: size });

/** Any float32 of at most 1e30 in size, small ones as often as large ones. */
export const anywhere: fc.Arbitrary<number> = fc.oneof(
  number(-5, 5),
  fc.tuple(fc.constantFrom(-1, 1), magnitude(-30, 30)).map(([sign, size]) => sign * size),
  fc.constant(0),
);
