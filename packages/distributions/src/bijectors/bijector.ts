import * as tf from '@tensorflow/tfjs-core';
import type { Constraint } from '../constraint.ts';
import type { ChangeBatch, DistributionOptions, ParameterSpec, Shape, Value } from '../distribution.ts';
import { constant } from '../internal/constant.ts';
import { expand } from '../internal/expand.ts';
import { broadcastShape, sameShape, showShape } from '../internal/shape.ts';
import { checkConstraint, toTensor } from '../internal/validate.ts';

/** `validateArgs`: check the parameters at once, and throw a RangeError that names what is wrong. Off by default. */
export type BijectorOptions = DistributionOptions;

/** A value carried through a bijector, and log |det J| of that step, one number for each event. */
export interface Carried {
  value: tf.Tensor;
  logDet: tf.Tensor;
  /**
   * On the way back: 0 for what the bijector reaches, else 1, for events of rank 0 with the sign of the side on which the
   * value lies (-1 below all that is reached). Where it is not 0, `value` and `logDet` are finite, and mean nothing.
   * Undefined if everything is reached. A constant to differentiation.
   */
  outside?: tf.Tensor;
}

/**
 * An invertible differentiable map of events, which keeps their rank. What TransformedDistribution changes variables with.
 *
 * Tensors given are borrowed, results belong to the caller, gradients reach parameters and values.
 */
export abstract class Bijector {
  /** The parameters by name. */
  readonly parameters: Readonly<Record<string, tf.Tensor>>;
  /** What each parameter must satisfy. */
  readonly argConstraints: Readonly<Record<string, Constraint>>;
  /** Whether the map is affine: its log-determinant is then the same everywhere. */
  readonly isAffine: boolean = false;
  /** The open interval onto which each number is mapped; undefined: all numbers, or no interval. */
  protected readonly image?: readonly [low: number, high: number];
  private owned: tf.Tensor[] = [];

  /**
   * @param name as error messages give it.
   * @param forwardMinEventRank how many axes one event of the map has: 0 if it acts on each number, 1 if on vectors.
   * @throws RangeError if a tensor has too few axes, and with validateArgs if it is not what it must be; TypeError if it is
   *   not float32.
   */
  constructor(
    readonly name: string,
    readonly forwardMinEventRank: number,
    spec: ParameterSpec = {},
    private readonly options: BijectorOptions = {},
  ) {
    const entries = Object.entries(spec);
    for (const [key, [value, { eventRank }]] of entries) {
      if (!(value instanceof tf.Tensor)) continue;
      if (value.dtype !== 'float32') {
        throw new TypeError(
          `${name}: ${key} must be float32, got ${value.dtype}: cast it with tf.cast(${key}, 'float32').`,
        );
      }
      if (value.rank < eventRank) {
        throw new RangeError(
          `${name}: ${key} must have at least ${eventRank} axes, got shape ${showShape(value.shape)}.`,
        );
      }
    }
    this.argConstraints = Object.fromEntries(entries.map(([key, [, constraint]]) => [key, constraint]));
    this.parameters = Object.fromEntries(
      entries.map(([key, [value]]) => {
        const t = toTensor(value);
        if (t !== value) this.owned.push(t);
        return [key, t];
      }),
    );
    if (!options.validateArgs) return;
    try {
      for (const [key, t] of Object.entries(this.parameters)) {
        checkConstraint(name, `parameter ${key}`, t, this.argConstraints[key]!);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  protected abstract _forward(x: tf.Tensor): tf.Tensor;
  protected abstract _inverse(y: tf.Tensor): tf.Tensor;
  /** log |det dy/dx| at `x`, one number for each event of rank `forwardMinEventRank`; may broadcast to that. */
  protected abstract _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor;
  /** log |det dx/dy| at `y`, whose inverse is `x`. */
  protected _inverseLogDetJacobian(_y: tf.Tensor, x: tf.Tensor): tf.Tensor {
    return tf.neg(this._forwardLogDetJacobian(x));
  }

  /** y = forward(x): the shape of x, or for a map of vectors that of its images. */
  forward(x: Value): tf.Tensor {
    return tf.tidy(() => this._forward(this.checked('forward', x, (shape) => this.forwardEventShape(shape))));
  }

  /** The x with forward(x) = y; NaN or infinite where no float32 is. */
  inverse(y: Value): tf.Tensor {
    return tf.tidy(() => this._inverse(this.checked('inverse', y, (shape) => this.inverseEventShape(shape))));
  }

  /**
   * log |det dy/dx| at `x`, whose last `eventRank` axes are one event: shape of x without them, and of the parameters' batch.
   *
   * @throws RangeError if eventRank is below forwardMinEventRank or above the rank of x.
   */
  forwardLogDetJacobian(x: Value, eventRank: number = this.forwardMinEventRank): tf.Tensor {
    return tf.tidy(() => {
      const from = this.checked('forwardLogDetJacobian', x, (shape) => this.forwardEventShape(shape), eventRank);
      return this.push(from, eventRank).logDet;
    });
  }

  /** log |det dx/dy| at `y`, otherwise as forwardLogDetJacobian; NaN where y is not reached. */
  inverseLogDetJacobian(y: Value, eventRank: number = this.forwardMinEventRank): tf.Tensor {
    return tf.tidy(() => {
      const from = this.checked('inverseLogDetJacobian', y, (shape) => this.inverseEventShape(shape), eventRank);
      const { logDet, outside } = this.pull(from, eventRank);
      return outside === undefined ? logDet : tf.where(isZero(outside), logDet, tf.fill(logDet.shape, Number.NaN));
    });
  }

  /**
   * The shape of forward's result for one event of shape `shape`.
   *
   * @throws RangeError if it takes no such event.
   */
  forwardEventShape(shape: Shape): Shape {
    return shape;
  }

  /** The shape of inverse's result for one event of shape `shape`. */
  inverseEventShape(shape: Shape): Shape {
    return shape;
  }

  /** The parameters' axes before those of an event of this rank, broadcast. */
  batchShape(eventRank: number = this.forwardMinEventRank): Shape {
    const shapes = Object.entries(this.parameters).map(([key, t]) => {
      return [key, t.shape.slice(0, Math.max(0, t.rank - this.eventAxes(key, eventRank)))] as const;
    });
    return broadcastShape(this.name, Object.fromEntries(shapes));
  }

  /** forward with its log-determinant. Inside a tidy. */
  push(x: tf.Tensor, eventRank: number): Carried {
    return { value: this._forward(x), logDet: this.perEvent(this._forwardLogDetJacobian(x), x, eventRank) };
  }

  /** inverse with its log-determinant, safe to differentiate where it is not defined. Inside a tidy. */
  pull(y: tf.Tensor, eventRank: number): Carried {
    const outside = this._outside(y);
    if (outside === undefined) {
      const value = this._inverse(y);
      return { value, logDet: this.perEvent(this._inverseLogDetJacobian(y, value), y, eventRank) };
    }
    // 1/2 stands in for what is not reached: every bijector that does not reach everything can invert it.
    const inside = isZero(outside);
    const axes = this.forwardMinEventRank;
    const mask = tf.reshape(inside, [...inside.shape, ...new Array<number>(axes).fill(1)]);
    const safe = tf.where(mask, y, tf.fill(y.shape, 0.5));
    const value = this._inverse(safe);
    const logDet = this.perEvent(this._inverseLogDetJacobian(safe, value), y, eventRank);
    const merged = lastAxes(outside.rank, eventRank - axes);
    return { value, logDet, outside: merged.length === 0 ? outside : tf.max(tf.abs(outside), merged) };
  }

  /** As `Carried.outside`, for events of rank forwardMinEventRank. */
  protected _outside(y: tf.Tensor): tf.Tensor | undefined {
    if (this.image === undefined) return undefined;
    const [low, high] = this.image;
    return constant((t) =>
      tf.sub(tf.cast(tf.greaterEqual(t, high), 'float32'), tf.cast(tf.lessEqual(t, low), 'float32')),
    )(y);
  }

  /** For maps of numbers: 1 where rising, -1 where falling, a constant to differentiation; undefined for maps of vectors. */
  get direction(): number | tf.Tensor | undefined {
    return this.forwardMinEventRank === 0 ? 1 : undefined;
  }

  /** Of an affine map, that without its shift. */
  get linearPart(): Bijector {
    return this;
  }

  /** Whether both are one map: of one name, with equal parameters. Reads from the device, unless the tensors are the same. */
  isSame(other: Bijector): boolean {
    if (this === other) return true;
    const [mine, others] = [Object.entries(this.parameters), Object.entries(other.parameters)];
    return (
      this.name === other.name &&
      mine.length === others.length &&
      mine.every(([key, t], i) => key === others[i]![0] && sameNumbers(t, others[i]![1]))
    );
  }

  /** The same map over parameters that `change` made of these, for events of this rank; it owns them. */
  mapBatch(change: ChangeBatch, eventRank: number): Bijector {
    const entries = Object.entries(this.parameters);
    if (entries.length === 0) return this;
    const changed = entries.map(([key, t]) => {
      const axes = this.eventAxes(key, eventRank);
      return tf.tidy(() =>
        change(axes <= t.rank ? t : tf.reshape(t, [...new Array(axes - t.rank).fill(1), ...t.shape]), axes),
      );
    });
    type Constructor = new (...args: unknown[]) => Bijector;
    const mapped = new (this.constructor as Constructor)(...changed, this.options);
    mapped.owned.push(...changed);
    return mapped;
  }

  /** Frees what the constructor made, not what it was given. */
  dispose(): void {
    tf.dispose(this.owned);
    this.owned = [];
  }

  /** How many of a parameter's last axes belong to an event of this rank. */
  private eventAxes(key: string, eventRank: number): number {
    return this.argConstraints[key]!.eventRank + eventRank - this.forwardMinEventRank;
  }

  /** Sums log-determinants of events of the least rank, at a value of this shape, to those of events of `eventRank`. */
  private perEvent(logDet: tf.Tensor, { shape }: tf.Tensor, eventRank: number): tf.Tensor {
    const each = shape.slice(0, shape.length - this.forwardMinEventRank);
    const full = expand(logDet, broadcastShape(this.name, { parameters: logDet.shape, value: each }));
    const axes = lastAxes(full.rank, eventRank - this.forwardMinEventRank);
    return axes.length === 0 ? full : tf.sum(full, axes);
  }

  private checked(
    what: string,
    value: Value,
    shapeOf: (shape: Shape) => Shape,
    eventRank = this.forwardMinEventRank,
  ): tf.Tensor {
    const t = toTensor(value);
    if (!(Number.isInteger(eventRank) && eventRank >= this.forwardMinEventRank && eventRank <= t.rank)) {
      throw new RangeError(
        `${this.name}.${what}: eventRank must be an integer from ${this.forwardMinEventRank}, the axes of one event, to the ` +
          `rank of the value, got eventRank ${eventRank} and shape ${showShape(t.shape)}.`,
      );
    }
    shapeOf(t.shape.slice(t.rank - eventRank));
    return t;
  }
}

export const isZero = (t: tf.Tensor): tf.Tensor => constant((x) => tf.equal(x, 0))(t);

const lastAxes = (rank: number, count: number): number[] => Array.from({ length: count }, (_, i) => rank - count + i);

function sameNumbers(a: tf.Tensor, b: tf.Tensor): boolean {
  if (a === b) return true;
  if (!sameShape(a.shape, b.shape)) return false;
  const others = b.dataSync();
  return a.dataSync().every((x, i) => x === others[i]);
}
