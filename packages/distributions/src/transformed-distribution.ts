import * as tf from '@tensorflow/tfjs-core';
import type { Bijector } from './bijectors/bijector.ts';
import { isZero } from './bijectors/bijector.ts';
import type { Constraint } from './constraint.ts';
import { type ChangeBatch, Distribution, type SampleAndLogProb, type Shape } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { expand } from './internal/expand.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';

/**
 * The distribution of bijector.forward(X), X of a continuous `base`: `new TransformedDistribution(new Normal(0, 1), new Exp())`
 * is log-normal. Bijectors: '@proj/distributions/bijectors'.
 *
 * log p(y) = log p_base(x) - log |det dy/dx| at x = inverse(y). batchShape is the broadcast of the base's and of the
 * bijector's parameters, each of its members drawn independently. Mean, mode, variance, covariance and entropy are defined
 * for affine bijectors; cdf and quantile for maps of numbers.
 */
export class TransformedDistribution<E extends Shape = Shape> extends Distribution<E> {
  readonly name = 'TransformedDistribution';
  readonly reparameterized: boolean;
  readonly batchShape: Shape;
  readonly eventShape: E;
  readonly support: Constraint;
  readonly parameters: Readonly<Record<string, tf.Tensor>>;
  readonly argConstraints: Readonly<Record<string, Constraint>>;

  /** @throws RangeError if the bijector does not take the base's events, or the batch shapes do not broadcast. */
  constructor(
    readonly base: Distribution<E>,
    readonly bijector: Bijector,
  ) {
    super(base.validateArgs);
    const { batchShape, eventShape } = base;
    const rank = eventShape.length;
    if (rank < bijector.forwardMinEventRank) {
      throw new RangeError(
        `TransformedDistribution: ${bijector.name} maps events of at least ${bijector.forwardMinEventRank} axes, got events of ` +
          `shape ${showShape(eventShape)} of ${base.name}. Read axes of its batch ${showShape(batchShape)} as part of the event: ` +
          `base.toEvent(${bijector.forwardMinEventRank}).`,
      );
    }
    this.eventShape = bijector.forwardEventShape(eventShape) as E;
    const shapes = { 'base.batchShape': batchShape, 'bijector.batchShape': bijector.batchShape(rank) };
    this.batchShape = broadcastShape('TransformedDistribution', shapes);
    const mapped = tf.tidy(() => bijector.push(tf.fill(eventShape, 0.5), rank).value.shape);
    if (!sameShape(mapped.slice(mapped.length - rank), this.eventShape)) {
      throw new RangeError(
        `TransformedDistribution: the parameters of ${bijector.name} must broadcast to the event shape ` +
          `${showShape(this.eventShape)}, but forward gives ${showShape(mapped)}.`,
      );
    }
    this.reparameterized = base.reparameterized;
    this.parameters = { ...prefixed('base', base.parameters), ...prefixed('bijector', bijector.parameters) };
    this.argConstraints = {
      ...prefixed('base', base.argConstraints),
      ...prefixed('bijector', bijector.argConstraints),
    };
    this.support = this.imageOfSupport();
  }

  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.bijector.push(this.wideBase().sample({ sampleShape, seed }), this.rank).value;
  }

  /** Without the inverse: exact where float32 cannot undo the map. */
  protected override _sampleAndLogProb(sampleShape: Shape, seed: number): SampleAndLogProb {
    const { sample, logProb } = this.wideBase().sampleAndLogProb({ sampleShape, seed });
    const { value, logDet } = this.bijector.push(sample, this.rank);
    return { sample: value, logProb: tf.sub(logProb, logDet) };
  }

  protected _logProb(y: tf.Tensor): tf.Tensor {
    const { value, logDet, outside } = this.bijector.pull(y, this.rank);
    const inside = tf.add(Distribution.logProbOf(this.base, value), logDet);
    return beyond(inside, outside, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY);
  }

  protected override _cdf(y: tf.Tensor): tf.Tensor | undefined {
    return this.distributed(
      y,
      (x) => this.base.cdf(x),
      (x) => this.base.survival(x),
      0,
      1,
    );
  }

  protected override _logCdf(y: tf.Tensor): tf.Tensor | undefined {
    const none = Number.NEGATIVE_INFINITY;
    return this.distributed(
      y,
      (x) => this.base.logCdf(x),
      (x) => this.base.logSurvival(x),
      none,
      0,
    );
  }

  protected override _survival(y: tf.Tensor): tf.Tensor | undefined {
    return this.distributed(
      y,
      (x) => this.base.survival(x),
      (x) => this.base.cdf(x),
      1,
      0,
    );
  }

  protected override _logSurvival(y: tf.Tensor): tf.Tensor | undefined {
    const none = Number.NEGATIVE_INFINITY;
    return this.distributed(
      y,
      (x) => this.base.logSurvival(x),
      (x) => this.base.logCdf(x),
      0,
      none,
    );
  }

  protected override _quantile(p: tf.Tensor): tf.Tensor | undefined {
    const { direction } = this.bijector;
    if (this.rank > 0 || direction === undefined) return undefined;
    const at = typeof direction === 'number' ? (direction > 0 ? p : tf.sub(1, p)) : pick(direction, p, tf.sub(1, p));
    return this.bijector.forward(this.base.quantile(at));
  }

  protected override _mean(): tf.Tensor | undefined {
    return this.bijector.isAffine ? this.bijector.forward(this.base.mean()) : undefined;
  }

  protected override _mode(): tf.Tensor | undefined {
    return this.bijector.isAffine ? this.bijector.forward(this.base.mode()) : undefined;
  }

  protected override _stddev(): tf.Tensor | undefined {
    const { isAffine, forwardMinEventRank, linearPart } = this.bijector;
    if (!isAffine || forwardMinEventRank > 0) return undefined;
    return tf.abs(linearPart.forward(this.base.stddev()));
  }

  protected override _variance(): tf.Tensor | undefined {
    if (this.bijector.forwardMinEventRank === 0) return undefined;
    const covariance = this._covariance();
    return covariance && tf.sum(tf.mul(covariance, tf.eye(this.eventShape[0]!)), -1);
  }

  /** A C A' for the linear part A of the map. */
  protected override _covariance(): tf.Tensor | undefined {
    if (!this.bijector.isAffine || this.rank !== 1) return undefined;
    const [n] = this.base.eventShape as Shape;
    const matrix = expand(this.base.covariance(), [...this.batchShape, n!, n!]);
    const last = matrix.rank - 1;
    const axes = Array.from({ length: last }, (_, i) => i);
    const { linearPart } = this.bijector;
    // Rows before the batch, so that they are draws to the map; it is applied to them, and then to the columns.
    const rows = linearPart.forward(tf.transpose(matrix, [last - 1, ...axes.slice(0, -1), last]));
    const columns = linearPart.forward(tf.transpose(rows, [last, ...axes.slice(1), 0]));
    return tf.transpose(columns, [...axes.slice(1), 0, last]);
  }

  /** The base's, and the log-determinant, which is the same everywhere. */
  protected override _entropy(): tf.Tensor | undefined {
    if (!this.bijector.isAffine) return undefined;
    return tf.add(this.base.entropy(), this.bijector.push(tf.zeros(this.base.eventShape), this.rank).logDet);
  }

  /** That of the bases: one bijection of both leaves it as it is. */
  protected override _klDivergence({ base, bijector }: TransformedDistribution<E>): tf.Tensor {
    if (!this.bijector.isSame(bijector)) {
      throw new TypeError(
        `klDivergence: KL of two TransformedDistributions has a formula if they have one bijector, got ${this.bijector.name} ` +
          `and ${bijector.name}, or other parameters. Else estimate it: monteCarloKl(p, q, { samples, seed }).`,
      );
    }
    return this.base.klDivergence(base);
  }

  mapBatch(change: ChangeBatch): TransformedDistribution<E> {
    return new TransformedDistribution(this.base.mapBatch(change), this.bijector.mapBatch(change, this.rank));
  }

  dispose(): void {
    this.base.dispose();
    this.bijector.dispose();
  }

  private get rank(): number {
    return this.base.eventShape.length;
  }

  /** The base with the whole batch. */
  private wideBase(): Distribution<E> {
    return sameShape(this.base.batchShape, this.batchShape) ? this.base : this.base.expand(this.batchShape);
  }

  /** A probability of Y <= y or Y > y from those of the base: `fall` where the map turns the order round. */
  private distributed(
    y: tf.Tensor,
    rise: (x: tf.Tensor) => tf.Tensor,
    fall: (x: tf.Tensor) => tf.Tensor,
    below: number,
    above: number,
  ): tf.Tensor | undefined {
    const { direction } = this.bijector;
    if (this.rank > 0 || direction === undefined) return undefined;
    const { value, outside } = this.bijector.pull(y, 0);
    if (typeof direction === 'number') return beyond((direction > 0 ? rise : fall)(value), outside, below, above);
    return beyond(pick(direction, rise(value), fall(value)), outside, below, above);
  }

  private imageOfSupport(): Constraint {
    const { base, bijector } = this;
    return {
      name: `${bijector.name} of what is ${base.support.name}`,
      eventRank: this.eventShape.length,
      check: (y) => {
        const { value, outside } = bijector.pull(y, this.rank);
        const held = base.support.check(value);
        const extra = this.rank - base.support.eventRank;
        const axes = Array.from({ length: extra }, (_, i) => held.rank - extra + i);
        const all = axes.length === 0 ? held : tf.all(held, axes);
        return outside === undefined ? all : tf.logicalAnd(all, isZero(outside));
      },
    };
  }
}

const prefixed = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [`${prefix}.${key}`, value]));

/** `rise` where the direction is 1, else `fall`. */
function pick(direction: tf.Tensor, rise: tf.Tensor, fall: tf.Tensor): tf.Tensor {
  const shape = broadcastShape('TransformedDistribution', { direction: direction.shape, value: rise.shape });
  return tf.where(constant((t) => tf.greater(t, 0))(direction), expand(rise, shape), expand(fall, shape));
}

/** `inside` where the value is reached, else the number for its side. */
function beyond(inside: tf.Tensor, outside: tf.Tensor | undefined, below: number, above: number): tf.Tensor {
  if (outside === undefined) return inside;
  const side = (number: number) => tf.fill(inside.shape, number);
  const isAbove = constant((t) => tf.greater(t, 0))(outside);
  return tf.where(isZero(outside), inside, tf.where(isAbove, side(above), side(below)));
}
