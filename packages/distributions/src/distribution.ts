import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, each } from './constraint.ts';
import { expand } from './internal/expand.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import { checkConstraint, toTensor } from './internal/validate.ts';
import { freshSeed } from './standard.ts';

/** Sizes of the axes, first axis first; [] is a scalar. */
export type Shape = number[];

/** A parameter or a value: a float32 tensor, which stays the caller's, or numbers. */
export type Value = tf.Tensor | number | Value[] | Float32Array;

export interface DistributionOptions {
  /**
   * Check parameters at once and values at each call, and throw a RangeError that names what is wrong. Reads from the
   * device. Off by default: wrong parameters then give NaN, and values outside the support have logProb -Infinity.
   */
  validateArgs?: boolean;
}

/** How much to draw, and from which seed. */
export interface SampleOptions {
  /** Shape of the independent draws from each distribution of the batch; [] (one draw) if omitted. */
  sampleShape?: Shape;
  /** Integer from 0 to 2^53 - 1: same seed, same draws on every engine. Omitted: fresh ones at each call. */
  seed?: number;
}

/**
 * A batch of probability distributions, each over events of one shape. Logs are in nats.
 *
 * `E` is the type of the event's shape: [] for numbers, [number] for vectors; so the compiler tells a batch from an event.
 * Tensors given are borrowed, results belong to the caller, and gradients reach parameters and values unless said.
 * What a family does not define throws an Error that says so.
 */
export abstract class Distribution<E extends Shape = Shape> {
  /** The family, as error messages and `klDivergence` name it. */
  abstract readonly name: string;
  /** Whether gradients of `sample` reach the parameters. */
  abstract readonly reparameterized: boolean;
  /** Shape of the batch of distributions: of what `entropy` returns. */
  abstract readonly batchShape: Shape;
  /** Shape of one event. */
  abstract readonly eventShape: E;
  /** The values that have a probability, or density, above 0. */
  abstract readonly support: Constraint;
  /** What each parameter must satisfy. */
  abstract readonly argConstraints: Readonly<Record<string, Constraint>>;
  /** The parameters by name. */
  abstract readonly parameters: Readonly<Record<string, tf.Tensor>>;

  constructor(readonly validateArgs: boolean = false) {}

  protected abstract _sample(sampleShape: Shape, seed: number): tf.Tensor;
  /** Of a float32 value that ends in the event shape and broadcasts against the batch. */
  protected abstract _logProb(value: tf.Tensor): tf.Tensor;
  protected _cdf?(value: tf.Tensor): tf.Tensor | undefined;
  protected _logCdf?(value: tf.Tensor): tf.Tensor | undefined;
  protected _survival?(value: tf.Tensor): tf.Tensor | undefined;
  protected _logSurvival?(value: tf.Tensor): tf.Tensor | undefined;
  protected _quantile?(p: tf.Tensor): tf.Tensor | undefined;
  protected _mean?(): tf.Tensor | undefined;
  protected _variance?(): tf.Tensor | undefined;
  protected _stddev?(): tf.Tensor | undefined;
  protected _mode?(): tf.Tensor | undefined;
  protected _entropy?(): tf.Tensor | undefined;
  protected _covariance?(): tf.Tensor | undefined;
  /** KL(this || other), both of this family and over one event shape; `other` may be of another copy of this package. */
  protected _klDivergence?(other: this): tf.Tensor;
  /** The same family over parameters that `change` made of these; it owns them: `dispose` frees them. For `slice` and `expand`. */
  abstract mapBatch(change: ChangeBatch): Distribution<E>;
  /** Frees what the constructor made, not what it was given. */
  abstract dispose(): void;

  /** Draws of shape [...sampleShape, ...batchShape, ...eventShape]. */
  sample({ sampleShape = [], seed = freshSeed() }: SampleOptions = {}): tf.Tensor {
    checkShape(`${this.name}.sample: sampleShape`, sampleShape);
    return tf.tidy(() => this._sample(sampleShape, seed));
  }

  /** Draws and their logProb, which may be exacter and cheaper than the one after the other. */
  sampleAndLogProb({ sampleShape = [], seed = freshSeed() }: SampleOptions = {}): SampleAndLogProb {
    checkShape(`${this.name}.sampleAndLogProb: sampleShape`, sampleShape);
    return tf.tidy(() => ({ ...this._sampleAndLogProb(sampleShape, seed) }));
  }

  protected _sampleAndLogProb(sampleShape: Shape, seed: number): SampleAndLogProb {
    const sample = this._sample(sampleShape, seed);
    return { sample, logProb: this._logProb(sample) };
  }

  /**
   * Log density, or log probability, one number for each event in `value`: its last axes are those of an event, the
   * others broadcast against batchShape. -Infinity outside the support.
   *
   * @throws RangeError if the shapes do not fit; with validateArgs also for values outside the support.
   */
  logProb(value: Value): tf.Tensor {
    return this.at('logProb', value, (x) => this._logProb(x));
  }

  /** exp(logProb). */
  prob(value: Value): tf.Tensor {
    return this.at('prob', value, (x) => tf.exp(this._logProb(x)));
  }

  /** P(X <= value). */
  cdf(value: Value): tf.Tensor {
    return this.at('cdf', value, (x) => this.cdfOf(x));
  }

  logCdf(value: Value): tf.Tensor {
    return this.at('logCdf', value, (x) => this._logCdf?.(x) ?? map(tf.log, this.cdfOf(x)));
  }

  /** P(X > value). */
  survival(value: Value): tf.Tensor {
    return this.at('survival', value, (x) => this.survivalOf(x));
  }

  logSurvival(value: Value): tf.Tensor {
    return this.at('logSurvival', value, (x) => this._logSurvival?.(x) ?? map(tf.log, this.survivalOf(x)));
  }

  /** The smallest x with cdf(x) >= p, for p from 0 to 1; p broadcasts against batchShape. */
  quantile(p: Value): tf.Tensor {
    if (this._quantile === undefined) throw this.undefinedHere('quantile');
    return this.at('quantile', p, (x) => this._quantile?.(x), UNIT);
  }

  /** Expectation, shape [...batchShape, ...eventShape]. */
  mean(): tf.Tensor {
    return this.statistic('mean', this.fullShape, () => this._mean?.());
  }

  /** Variance of each element of an event, shape [...batchShape, ...eventShape]. */
  variance(): tf.Tensor {
    return this.statistic('variance', this.fullShape, () => this._variance?.() ?? map(tf.square, this._stddev?.()));
  }

  /** Standard deviation of each element of an event, shape [...batchShape, ...eventShape]. */
  stddev(): tf.Tensor {
    return this.statistic('stddev', this.fullShape, () => this._stddev?.() ?? map(tf.sqrt, this._variance?.()));
  }

  /** The most likely event, shape [...batchShape, ...eventShape]. */
  mode(): tf.Tensor {
    return this.statistic('mode', this.fullShape, () => this._mode?.());
  }

  /** Covariance of the elements of an event that is a vector, shape [...batchShape, N, N]. */
  covariance(): tf.Tensor {
    const [n] = this.eventShape as Shape;
    return this.statistic('covariance', [...this.batchShape, n!, n!], () => this._covariance?.());
  }

  /** Entropy in nats (of a density: differential, which may be negative), shape batchShape. */
  entropy(): tf.Tensor {
    return this.statistic('entropy', this.batchShape, () => this._entropy?.());
  }

  /**
   * KL(this || other) in nats, shape = broadcast of both batch shapes; for other's of this family. Pairs of different
   * families: `klDivergence` of '@proj/distributions/kl'.
   *
   * @throws TypeError if there is no formula for the pair, RangeError if the shapes do not fit.
   */
  klDivergence(other: Distribution<E>): tf.Tensor {
    if (this._klDivergence === undefined || other?.name !== this.name) throw this.noKl(other);
    if (!sameShape(this.eventShape, other.eventShape)) {
      throw new RangeError(
        `klDivergence: p and q must have one event shape, got ${showShape(this.eventShape)} of p and ` +
          `${showShape(other.eventShape)} of q, both ${this.name}.`,
      );
    }
    const shapes = { 'p.batchShape': this.batchShape, 'q.batchShape': other.batchShape };
    const shape = broadcastShape('klDivergence', shapes);
    return tf.tidy(() => expand(this._klDivergence!(other as this), shape));
  }

  /** The cross-entropy -E_this[log other] = entropy + KL, where both are known. */
  crossEntropy(other: Distribution<E>): tf.Tensor {
    return tf.tidy(() => tf.add(this.entropy(), this.klDivergence(other)));
  }

  /** Distributions of a part of the batch, as tf.slice takes it: `size` -1 or omitted is up to the end. */
  slice(begin: Shape, size: Shape = []): Distribution<E> {
    const batch = this.batchShape;
    const sizes = batch.map((n, i) => ((size[i] ?? -1) === -1 ? n - (begin[i] ?? 0) : size[i]!));
    const fits = (n: number, i: number) => {
      const b = begin[i] ?? 0;
      return Number.isInteger(b) && Number.isInteger(sizes[i]) && b >= 0 && sizes[i]! >= 0 && b + sizes[i]! <= n;
    };
    if (begin.length > batch.length || size.length > batch.length || !batch.every(fits)) {
      throw new RangeError(
        `${this.name}.slice: begin ${showShape(begin)} and size ${showShape(size)} must lie in the batch shape ` +
          `${showShape(batch)}.`,
      );
    }
    return this.mapBatch((t, rank) =>
      tf.tidy(() => {
        const event = t.shape.slice(t.rank - rank);
        const start = batch.map((_, i) => begin[i] ?? 0);
        return tf.slice(expand(t, [...batch, ...event]), [...start, ...event.map(() => 0)], [...sizes, ...event]);
      }),
    );
  }

  /** The same distributions over a larger batch, to which batchShape broadcasts. */
  expand(batchShape: Shape): Distribution<E> {
    checkShape(`${this.name}.expand: batchShape`, batchShape);
    const common = broadcastShape(`${this.name}.expand`, { batchShape: this.batchShape, to: batchShape });
    if (!sameShape(common, batchShape)) {
      throw new RangeError(
        `${this.name}.expand: the batch shape ${showShape(this.batchShape)} does not broadcast to ${showShape(batchShape)}.`,
      );
    }
    return this.mapBatch((t, rank) => expand(t, [...batchShape, ...t.shape.slice(t.rank - rank)]));
  }

  /** The last `rank` axes of the batch read as part of the event; all of them if omitted. */
  toEvent(rank: number = this.batchShape.length): Independent {
    return new Independent(this, rank);
  }

  protected get fullShape(): Shape {
    return [...this.batchShape, ...this.eventShape];
  }

  private cdfOf(x: tf.Tensor): tf.Tensor | undefined {
    return this._cdf?.(x) ?? map(tf.exp, this._logCdf?.(x));
  }

  private survivalOf(x: tf.Tensor): tf.Tensor | undefined {
    return this._survival?.(x) ?? map(tf.exp, this._logSurvival?.(x)) ?? map((p) => tf.sub(1, p), this.cdfOf(x));
  }

  /** logProb without the checks: a mixture's value may lie outside the support of some of its components. */
  protected static logProbOf(d: Distribution, value: tf.Tensor): tf.Tensor {
    return d._logProb(value);
  }

  /** Checks and converts a value, and gives `f` of it. */
  private at(
    what: string,
    value: Value,
    f: (x: tf.Tensor) => tf.Tensor | undefined,
    valid: Constraint = this.support,
  ): tf.Tensor {
    return tf.tidy(() => {
      const x = toTensor(value);
      const { eventShape, name } = this;
      const split = x.rank - eventShape.length;
      if (split < 0 || !sameShape(x.shape.slice(split), eventShape)) {
        throw new RangeError(
          `${name}.${what}: value must end in the event shape ${showShape(eventShape)}, got ${showShape(x.shape)}.`,
        );
      }
      broadcastShape(`${name}.${what}`, { value: x.shape.slice(0, split), batchShape: this.batchShape });
      // A cdf is defined off the support too.
      if (this.validateArgs && (valid === UNIT || what === 'logProb' || what === 'prob')) {
        checkConstraint(`${name}.${what}`, 'value', x, valid);
      }
      const result = f(x);
      if (result === undefined) throw this.undefinedHere(what);
      return result;
    });
  }

  private statistic(what: string, shape: Shape, f: () => tf.Tensor | undefined): tf.Tensor {
    return tf.tidy(() => {
      const result = f();
      if (result === undefined) throw this.undefinedHere(what);
      return expand(result, shape);
    });
  }

  private noKl(other: Distribution): TypeError {
    return new TypeError(
      `klDivergence: KL(${this.name} || ${other?.name ?? String(other)}) has no formula here, where both must be of one family. ` +
        "Use klDivergence of '@proj/distributions/kl', which knows other pairs, or monteCarloKl(p, q, { samples, seed }).",
    );
  }

  private undefinedHere(what: string): Error {
    return new Error(`${this.name}: ${what}() is not defined for this distribution.`);
  }
}

export interface SampleAndLogProb {
  sample: tf.Tensor;
  logProb: tf.Tensor;
}

/** A change of a parameter's batch axes: all but the last `eventRank`. */
export type ChangeBatch = (t: tf.Tensor, eventRank: number) => tf.Tensor;

const UNIT: Constraint = {
  name: 'a probability, in [0, 1]',
  eventRank: 0,
  check: (p) => tf.logicalAnd(tf.greaterEqual(p, 0), tf.lessEqual(p, 1)),
};

const map = (f: (t: tf.Tensor) => tf.Tensor, t: tf.Tensor | undefined): tf.Tensor | undefined =>
  t === undefined ? undefined : f(t);

function checkShape(what: string, shape: Shape): void {
  if (Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0)) return;
  throw new RangeError(`${what} must be a list of sizes, integers from 0, got ${JSON.stringify(shape)}.`);
}

/** What a family of tensors alone gives its base class: each parameter with what it must satisfy, in the constructor's order. */
export type ParameterSpec = Record<string, readonly [Value, Constraint]>;

/** A distribution whose parameters are tensors: the base class of the families. */
export abstract class ParametricDistribution<E extends Shape = Shape> extends Distribution<E> {
  readonly name: string;
  readonly batchShape: Shape;
  readonly parameters: Readonly<Record<string, tf.Tensor>>;
  readonly argConstraints: Readonly<Record<string, Constraint>>;
  private owned: tf.Tensor[] = [];

  /** @throws RangeError if the parameters' shapes do not broadcast, TypeError if a tensor is not float32. */
  constructor(name: string, spec: ParameterSpec, { validateArgs = false }: DistributionOptions = {}) {
    super(validateArgs);
    this.name = name;
    const entries = Object.entries(spec);
    const shapes = entries.map(([key, [value, { eventRank }]]) => [key, batchOf(name, key, value, eventRank)] as const);
    this.batchShape = broadcastShape(name, Object.fromEntries(shapes));
    this.argConstraints = Object.fromEntries(entries.map(([key, [, constraint]]) => [key, constraint]));
    this.parameters = Object.fromEntries(
      entries.map(([key, [value]]) => {
        const t = toTensor(value);
        if (t !== value) this.owned.push(t);
        return [key, t];
      }),
    );
    if (!validateArgs) return;
    try {
      for (const [key, t] of Object.entries(this.parameters)) {
        checkConstraint(name, `parameter ${key}`, t, this.argConstraints[key]!);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  mapBatch(change: ChangeBatch): Distribution<E> {
    const changed = Object.entries(this.parameters).map(([key, t]) => change(t, this.argConstraints[key]!.eventRank));
    return this._with(changed).own(...changed);
  }

  /** The same family over other parameters, in the constructor's order. */
  protected _with(parameters: tf.Tensor[]): ParametricDistribution<E> {
    type Constructor = new (...args: unknown[]) => ParametricDistribution<E>;
    return new (this.constructor as Constructor)(...parameters, { validateArgs: this.validateArgs });
  }

  /** Takes tensors over: `dispose` frees them. */
  protected own(...tensors: tf.Tensor[]): this {
    this.owned.push(...tensors);
    return this;
  }

  dispose(): void {
    tf.dispose(this.owned);
    this.owned = [];
  }
}

function batchOf(name: string, key: string, value: Value, eventRank: number): Shape {
  if (value instanceof tf.Tensor && value.dtype !== 'float32') {
    throw new TypeError(
      `${name}: ${key} must be float32, got ${value.dtype}: cast it with tf.cast(${key}, 'float32').`,
    );
  }
  const shape = value instanceof tf.Tensor ? value.shape : shapeOf(value);
  if (shape.length < eventRank) {
    throw new RangeError(`${name}: ${key} must have at least ${eventRank} axes, got shape ${showShape(shape)}.`);
  }
  return shape.slice(0, shape.length - eventRank);
}

function shapeOf(value: Exclude<Value, tf.Tensor>): Shape {
  if (typeof value === 'number') return [];
  if (value.length === 0) return [0];
  return [value.length, ...shapeOf(value[0] as Exclude<Value, tf.Tensor>)];
}

/**
 * The last axes of a batch of distributions, read as one event: logProb, entropy and KL are summed over them.
 * `new Independent(new Normal(loc, scale), 1)` with loc and scale [B, Z] is B diagonal Gaussians over [Z].
 */
export class Independent extends Distribution {
  readonly name = 'Independent';
  readonly batchShape: Shape;
  readonly eventShape: Shape;

  /** @throws RangeError unless `reinterpretedBatchRank` is an integer from 0 to the rank of the base's batch. */
  constructor(
    readonly base: Distribution,
    readonly reinterpretedBatchRank: number,
  ) {
    super(base.validateArgs);
    const batch = base.batchShape;
    const rank = reinterpretedBatchRank;
    if (!(Number.isInteger(rank) && rank >= 0 && rank <= batch.length)) {
      throw new RangeError(
        `Independent: reinterpretedBatchRank must be an integer from 0 to ${batch.length}, the rank of the batch shape ` +
          `${showShape(batch)} of ${base.name}, got ${rank}.`,
      );
    }
    const split = batch.length - rank;
    this.batchShape = batch.slice(0, split);
    this.eventShape = [...batch.slice(split), ...base.eventShape];
  }

  get reparameterized(): boolean {
    return this.base.reparameterized;
  }

  get support(): Constraint {
    return each(this.base.support, this.reinterpretedBatchRank);
  }

  get parameters(): Readonly<Record<string, tf.Tensor>> {
    return this.base.parameters;
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return this.base.argConstraints;
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.base.sample({ sampleShape, seed });
  }

  protected override _sampleAndLogProb(sampleShape: Shape, seed: number): SampleAndLogProb {
    const { sample, logProb } = this.base.sampleAndLogProb({ sampleShape, seed });
    return { sample, logProb: this.sumEvent(logProb) };
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    return this.sumEvent(Distribution.logProbOf(this.base, value));
  }

  protected override _mean(): tf.Tensor {
    return this.base.mean();
  }

  protected override _variance(): tf.Tensor {
    return this.base.variance();
  }

  protected override _stddev(): tf.Tensor {
    return this.base.stddev();
  }

  protected override _mode(): tf.Tensor {
    return this.base.mode();
  }

  protected override _entropy(): tf.Tensor {
    return this.sumEvent(this.base.entropy());
  }

  protected override _covariance(): tf.Tensor | undefined {
    if (this.eventShape.length !== 1) return undefined;
    if (this.reinterpretedBatchRank === 0) return this.base.covariance();
    return tf.mul(tf.expandDims(this.base.variance(), -1), tf.eye(this.eventShape[0]!));
  }

  protected override _klDivergence({ base, reinterpretedBatchRank }: Independent): tf.Tensor {
    if (reinterpretedBatchRank !== this.reinterpretedBatchRank) {
      throw new RangeError(
        `klDivergence: both must have one reinterpretedBatchRank, got ${this.reinterpretedBatchRank} and ${reinterpretedBatchRank}.`,
      );
    }
    return this.sumEvent(this.base.klDivergence(base));
  }

  mapBatch(change: ChangeBatch): Independent {
    const { base, reinterpretedBatchRank } = this;
    // Its own axes stay as they are: to the base they are batch, to the change they are part of the parameter.
    const inner = base.batchShape;
    const mapped = base.mapBatch((t, rank) =>
      tf.tidy(() => {
        const event = t.shape.slice(t.rank - rank);
        return change(expand(t, [...inner, ...event]), rank + reinterpretedBatchRank);
      }),
    );
    return new Independent(mapped, reinterpretedBatchRank);
  }

  dispose(): void {
    this.base.dispose();
  }

  private sumEvent(perElement: tf.Tensor): tf.Tensor {
    const { rank } = perElement;
    const axes = Array.from({ length: this.reinterpretedBatchRank }, (_, i) => rank - 1 - i);
    return axes.length === 0 ? tf.clone(perElement) : tf.sum(perElement, axes);
  }
}
