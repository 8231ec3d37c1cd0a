import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, each, probability } from './constraint.ts';
import { expand } from './internal/expand.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import { checkConstraint, toTensor } from './internal/validate.ts';
import { freshSeed } from './standard.ts';

/** Sizes of the axes, first axis first; [] is a scalar. */
export type Shape = number[];

/** A parameter or a value: a float32 tensor, which stays the caller's, or numbers. */
export type Value = tf.Tensor | number | Value[] | Float32Array;

/** What every constructor takes last. */
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
    return this.at('logProb', value, this._logProb, this.support);
  }

  /** exp(logProb). */
  prob(value: Value): tf.Tensor {
    return this.at('prob', value, (x) => tf.exp(this._logProb(x)), this.support);
  }

  /** P(X <= value). */
  cdf(value: Value): tf.Tensor {
    return this.at('cdf', value, this.cdfOf);
  }

  /** log P(X <= value); a family's own keeps its digits where the cdf is too small for float32. */
  logCdf(value: Value): tf.Tensor {
    return this.at('logCdf', value, (x) => this._logCdf?.(x) ?? map(tf.log, this.cdfOf(x)));
  }

  /** P(X > value). */
  survival(value: Value): tf.Tensor {
    return this.at('survival', value, this.survivalOf);
  }

  /** log P(X > value); a family's own keeps its digits where the survival is too small for float32. */
  logSurvival(value: Value): tf.Tensor {
    return this.at('logSurvival', value, (x) => this._logSurvival?.(x) ?? map(tf.log, this.survivalOf(x)));
  }

  /** The smallest x with cdf(x) >= p, for p from 0 to 1; p broadcasts against batchShape. */
  quantile(p: Value): tf.Tensor {
    return this.at('quantile', p, this._quantile ?? this.undefinedHere('quantile'), probability);
  }

  /** Expectation, shape [...batchShape, ...eventShape]. */
  mean(): tf.Tensor {
    return this.statistic('mean', this._mean);
  }

  /** Variance of each element of an event, shape [...batchShape, ...eventShape]. */
  variance(): tf.Tensor {
    return this.statistic('variance', () => this._variance?.() ?? map(tf.square, this._stddev?.()));
  }

  /** Standard deviation of each element of an event, shape [...batchShape, ...eventShape]. */
  stddev(): tf.Tensor {
    return this.statistic('stddev', () => this._stddev?.() ?? map(tf.sqrt, this._variance?.()));
  }

  /** The most likely event, shape [...batchShape, ...eventShape]. */
  mode(): tf.Tensor {
    return this.statistic('mode', this._mode);
  }

  /** Covariance of the elements of an event that is a vector, shape [...batchShape, N, N]. */
  covariance(): tf.Tensor {
    const { eventShape } = this;
    const f = eventShape.length === 1 ? this._covariance : undefined;
    return this.statistic('covariance', f, [...this.fullShape, ...eventShape]);
  }

  /** Entropy in nats (of a density: differential, which may be negative), shape batchShape. */
  entropy(): tf.Tensor {
    return this.statistic('entropy', this._entropy, this.batchShape);
  }

  /**
   * KL(this || other) in nats, shape = broadcast of both batch shapes; for other's of this family. Pairs of different
   * families: `klDivergence` of '@proj/distributions/kl'.
   *
   * @throws TypeError if there is no formula for the pair, RangeError if the shapes do not fit.
   */
  klDivergence(other: Distribution<E>): tf.Tensor {
    if (this._klDivergence === undefined || other?.name !== this.name) {
      throw new TypeError(
        `klDivergence: KL(${this.name} || ${other?.name ?? other}) has no formula here. ` +
          "'@proj/distributions/kl' knows more pairs; or estimate it: monteCarloKl(p, q, { samples, seed }).",
      );
    }
    if (!sameShape(this.eventShape, other.eventShape)) {
      throw new RangeError(
        `klDivergence: event shapes must be equal, got ${showShape(this.eventShape)} of p and ${showShape(other.eventShape)} of q.`,
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
    const from = batch.map((_, i) => begin[i] ?? 0);
    const sizes = batch.map((n, i) => ((size[i] ?? -1) === -1 ? n - from[i]! : size[i]!));
    const fits = batch.every((n, i) => isShape([from[i]!, sizes[i]!, n - from[i]! - sizes[i]!]));
    if (!fits || Math.max(begin.length, size.length) > batch.length) {
      throw new RangeError(
        `${this.name}.slice: ${showShape(begin)} of size ${showShape(size)} must lie in the batch shape ${showShape(batch)}.`,
      );
    }
    return this.mapBatch((t, rank) =>
      tf.tidy(() => {
        const event = t.shape.slice(t.rank - rank);
        return tf.slice(expand(t, [...batch, ...event]), from, [...sizes, ...event]);
      }),
    );
  }

  /** The same distributions over a larger batch, to which batchShape broadcasts. */
  expand(batchShape: Shape): Distribution<E> {
    const who = `${this.name}.expand`;
    checkShape(`${who}: batchShape`, batchShape);
    if (!sameShape(broadcastShape(who, { batchShape: this.batchShape, to: batchShape }), batchShape)) {
      throw new RangeError(`${who}: ${showShape(this.batchShape)} does not broadcast to ${showShape(batchShape)}.`);
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

  /** `f` of a value, which must have the shape of events and, with validateArgs, be `valid`. */
  private at(what: string, value: Value, f: (x: tf.Tensor) => tf.Tensor | undefined, valid?: Constraint): tf.Tensor {
    const who = `${this.name}.${what}`;
    return tf.tidy(() => {
      const x = toTensor(value);
      const { eventShape } = this;
      const split = x.rank - eventShape.length;
      if (!sameShape(x.shape.slice(Math.max(0, split)), eventShape)) {
        throw new RangeError(
          `${who}: value must end in the event shape ${showShape(eventShape)}, got ${showShape(x.shape)}.`,
        );
      }
      broadcastShape(who, { value: x.shape.slice(0, split), batchShape: this.batchShape });
      if (this.validateArgs && valid) checkConstraint(who, 'value', x, valid);
      return f.call(this, x) ?? this.undefinedHere(what);
    });
  }

  protected statistic(what: Statistic, f?: Statistics, shape: Shape = this.fullShape): tf.Tensor {
    return tf.tidy(() => expand(f?.call(this) ?? this.undefinedHere(what), shape));
  }

  private undefinedHere(what: string): never {
    throw new Error(`${this.name}: ${what}() is not defined for this distribution.`);
  }
}

type Statistic = 'mean' | 'variance' | 'stddev' | 'mode' | 'covariance' | 'entropy';
type Statistics = () => tf.Tensor | undefined;

/** Draws [...sampleShape, ...batchShape, ...eventShape] and the logProb of each [...sampleShape, ...batchShape]. */
export interface SampleAndLogProb {
  sample: tf.Tensor;
  logProb: tf.Tensor;
}

/** A change of a parameter's batch axes: all but the last `eventRank`. */
export type ChangeBatch = (t: tf.Tensor, eventRank: number) => tf.Tensor;

const map = (f: (t: tf.Tensor) => tf.Tensor, t: tf.Tensor | undefined): tf.Tensor | undefined =>
  t === undefined ? undefined : f(t);

const isShape = (shape: Shape): boolean => Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0);

function checkShape(what: string, shape: Shape): void {
  if (isShape(shape)) return;
  throw new RangeError(`${what} must be a list of sizes, integers from 0, got ${JSON.stringify(shape)}.`);
}

/** What a family of tensors alone gives its base class: each parameter with what it must satisfy, in the constructor's order. */
export type ParameterSpec = Record<string, readonly [Value, Constraint]>;

/** A distribution whose parameters are tensors: the base class of the families. */
export abstract class ParametricDistribution<E extends Shape = Shape> extends Distribution<E> {
  declare readonly name: string;
  declare readonly batchShape: Shape;
  declare readonly parameters: Readonly<Record<string, tf.Tensor>>;
  declare readonly argConstraints: Readonly<Record<string, Constraint>>;
  declare private owned: tf.Tensor[];

  /** @throws RangeError if the parameters' shapes do not broadcast; with validateArgs also for what is not valid. */
  constructor(name: string, spec: ParameterSpec, { validateArgs = false }: DistributionOptions = {}) {
    super(validateArgs);
    this.name = name;
    const entries = Object.entries(spec);
    const batches: Record<string, Shape> = {};
    // An error leaves nothing behind.
    const tensors = tf.tidy(() =>
      entries.map(([key, [value, constraint]]) => {
        const t = toTensor(value);
        const split = t.rank - constraint.eventRank;
        if (split < 0) {
          throw new RangeError(
            `${name}: ${key} must have at least ${constraint.eventRank} axes, got ${showShape(t.shape)}.`,
          );
        }
        batches[key] = t.shape.slice(0, split);
        broadcastShape(name, batches);
        if (validateArgs) checkConstraint(name, `parameter ${key}`, t, constraint);
        return t;
      }),
    );
    this.batchShape = broadcastShape(name, batches);
    this.argConstraints = Object.fromEntries(entries.map(([key, [, constraint]]) => [key, constraint]));
    this.parameters = Object.fromEntries(entries.map(([key], i) => [key, tensors[i]!]));
    this.owned = tensors.filter((t, i) => t !== entries[i]![1][0]);
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

/**
 * The last axes of a batch of distributions, read as one event: logProb, entropy and KL are summed over them.
 * `new Independent(new Normal(loc, scale), 1)` with loc and scale [B, Z] is B diagonal Gaussians over [Z].
 */
// In this file because `toEvent` makes one: of two files that import each other, a class that extends may come first.
export class Independent extends Distribution {
  readonly name = 'Independent';
  declare readonly batchShape: Shape;
  declare readonly eventShape: Shape;

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
        `Independent: reinterpretedBatchRank must be an integer from 0 to ${batch.length} (batch axes of ${base.name}), got ${rank}.`,
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

  /** The base's own, the entropy summed; of the covariance it has its own idea. */
  protected override statistic(what: Statistic, f?: Statistics, shape?: Shape): tf.Tensor {
    if (what === 'covariance') return super.statistic(what, f, shape);
    return tf.tidy(() => (what === 'entropy' ? this.sumEvent(this.base.entropy()) : this.base[what]()));
  }

  protected override _covariance(): tf.Tensor | undefined {
    if (this.reinterpretedBatchRank === 0) return this.base.covariance();
    return tf.mul(tf.expandDims(this.base.variance(), -1), tf.eye(this.eventShape[0]!));
  }

  protected override _klDivergence({ base }: Independent): tf.Tensor {
    return this.sumEvent(this.base.klDivergence(base));
  }

  mapBatch(change: ChangeBatch): Independent {
    const { base, reinterpretedBatchRank } = this;
    // Its own axes stay as they are: to the base they are batch, to the change they are part of the parameter.
    const mapped = base.mapBatch((t, rank) =>
      tf.tidy(() =>
        change(expand(t, [...base.batchShape, ...t.shape.slice(t.rank - rank)]), rank + reinterpretedBatchRank),
      ),
    );
    return mapped.toEvent(reinterpretedBatchRank);
  }

  dispose(): void {
    this.base.dispose();
  }

  private sumEvent(perElement: tf.Tensor): tf.Tensor {
    const { rank } = perElement;
    const axes = Array.from({ length: this.reinterpretedBatchRank }, (_, i) => rank - 1 - i);
    return axes.length === 0 ? perElement : tf.sum(perElement, axes);
  }
}
