import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, integerInterval } from './constraint.ts';
import { type ChangeBatch, Distribution, type DistributionOptions, type Shape } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { expand } from './internal/expand.ts';
import { showShape } from './internal/shape.ts';
import { log1mexp } from './math.ts';

const NONE = Number.NEGATIVE_INFINITY;
/** Of log F(y) - log F(y - 1): where it is less, rounding costs more than taking the density for the difference. */
const WIDE = 1e-3;

/** The least and the greatest value; omitted: unbounded. */
export interface QuantizedOptions extends DistributionOptions {
  low?: number;
  high?: number;
}

/**
 * A continuous distribution of numbers rounded up to integers, ceil(X): P(Y = y) = F(y) - F(y - 1). What lies beyond `low`
 * and `high` counts as low and high. To round to the nearest integer, shift the base by -1/2.
 *
 * Source: TFP's QuantizedDistribution. Probabilities are differences of the tail that is smaller, in log space; where the
 * distribution is so wide that float32 loses the difference, the density in the middle, whose error is then smaller still.
 */
export class Quantized extends Distribution<[]> {
  readonly name = 'Quantized';
  readonly reparameterized = false;
  readonly eventShape: [] = [];
  readonly batchShape: Shape;
  readonly support: Constraint;
  readonly parameters: Readonly<Record<string, tf.Tensor>>;
  readonly argConstraints: Readonly<Record<string, Constraint>>;
  readonly low: number;
  readonly high: number;

  /** @throws RangeError unless the base is of numbers, and low and high are integers with low < high. */
  constructor(
    readonly base: Distribution<[]>,
    { low = NONE, high = Number.POSITIVE_INFINITY, validateArgs = base.validateArgs }: QuantizedOptions = {},
  ) {
    super(validateArgs);
    if (base.eventShape.length > 0) {
      throw new RangeError(
        `Quantized: the base must be of numbers, got ${base.name} with events of shape ${showShape(base.eventShape)}. ` +
          'Quantise first, and join numbers to events with toEvent.',
      );
    }
    const whole = (bound: number, infinite: number) => Number.isInteger(bound) || bound === infinite;
    if (!(whole(low, NONE) && whole(high, Number.POSITIVE_INFINITY) && low < high)) {
      throw new RangeError(
        `Quantized: low and high must be integers with low < high, got low ${low} and high ${high}.`,
      );
    }
    this.low = low;
    this.high = high;
    this.batchShape = base.batchShape;
    this.parameters = base.parameters;
    this.argConstraints = base.argConstraints;
    this.support = integerInterval(low, high);
  }

  /** Integers, as float32; gradient 0. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    return this.clip(tf.ceil(this.base.sample({ sampleShape, seed })));
  }

  /** Of a value that is no integer: that of its floor. */
  protected _logProb(value: tf.Tensor): tf.Tensor {
    const { base, low } = this;
    const y = tf.floor(value);
    const before = tf.sub(y, 1);
    // log(exp(big) - exp(small)) in the tail on whose side y lies; first as numbers, to know where what can be used.
    const upTo = constant((t) => this._logCdf(t));
    const beyond = constant((t) => this._logSurvival(t));
    const right = constant((a, b) => tf.less(a, b))(beyond(y), upTo(y));
    const [bigNow, smallNow] = [tf.where(right, beyond(before), upTo(y)), tf.where(right, beyond(y), upTo(before))];
    const isNone = constant((t) => tf.equal(t, NONE));
    const [nothing, alone] = [isNone(bigNow), isNone(smallNow)];
    const wide = constant((a, b) => tf.less(tf.sub(a, b), WIDE))(bigNow, smallNow);
    const all = constant((t) => tf.less(t, low))(before); // what lies beyond y - 1
    const { shape } = bigNow;
    const or = (...masks: tf.Tensor[]) => masks.reduce((m, n) => tf.logicalOr(m, n));
    // A draw of the base stands in where a term is not used: there the gradients of both tails are finite.
    const draw = constant(() => expand(base.sample({ seed: 0 }), shape))(y);
    const at = (unused: tf.Tensor, point: tf.Tensor) => tf.where(unused, draw, expand(point, shape));
    const left = tf.logicalNot(right);
    const none = tf.zeros(shape);
    const survived = tf.where(all, none, base.logSurvival(at(or(left, nothing, all), before)));
    const big = tf.where(right, survived, base.logCdf(at(or(right, nothing), y)));
    const small = tf.where(right, base.logSurvival(at(or(left, alone), y)), base.logCdf(at(or(right, alone), before)));
    const step = tf.where(or(alone, wide), tf.onesLike(none), tf.sub(big, small));
    const density = tf.minimum(Distribution.logProbOf(base, tf.sub(y, 0.5)), big);
    const inside = tf.where(alone, big, tf.where(wide, density, tf.add(big, log1mexp(step))));
    return tf.where(nothing, tf.fill(shape, NONE), inside);
  }

  protected override _cdf(value: tf.Tensor): tf.Tensor {
    return this.bounded(value, (y) => this.base.cdf(y), 0, 1);
  }

  protected override _logCdf(value: tf.Tensor): tf.Tensor {
    return this.bounded(value, (y) => this.base.logCdf(y), NONE, 0);
  }

  protected override _survival(value: tf.Tensor): tf.Tensor {
    return this.bounded(value, (y) => this.base.survival(y), 1, 0);
  }

  protected override _logSurvival(value: tf.Tensor): tf.Tensor {
    return this.bounded(value, (y) => this.base.logSurvival(y), 0, NONE);
  }

  /** The base's, rounded up; a neighbour where rounding in float32 moved it over an integer. */
  protected override _quantile(p: tf.Tensor): tf.Tensor {
    const y = this.clip(tf.ceil(this.base.quantile(p)));
    const [before, after] = [this.clip(tf.sub(y, 1)), this.clip(tf.add(y, 1))];
    const reached = (t: tf.Tensor) => constant((u, v) => tf.greaterEqual(u, v))(this._cdf(t), p);
    return tf.where(reached(before), before, tf.where(reached(y), y, after));
  }

  mapBatch(change: ChangeBatch): Quantized {
    const { low, high, validateArgs } = this;
    return new Quantized(this.base.mapBatch(change), { low, high, validateArgs });
  }

  dispose(): void {
    this.base.dispose();
  }

  private clip(y: tf.Tensor): tf.Tensor {
    const risen = this.low === NONE ? y : tf.maximum(y, this.low);
    return this.high === Number.POSITIVE_INFINITY ? risen : tf.minimum(risen, this.high);
  }

  /** What `f` says of the floor of the value, or what holds below low, and from high on. */
  private bounded(value: tf.Tensor, f: (y: tf.Tensor) => tf.Tensor, below: number, from: number): tf.Tensor {
    const { low, high } = this;
    const y = tf.floor(value);
    const inside = f(y);
    const fill = (x: number) => tf.fill(inside.shape, x);
    const risen = tf.where(constant((t) => tf.less(t, low))(y), fill(below), inside);
    return tf.where(constant((t) => tf.greaterEqual(t, high))(y), fill(from), risen);
  }
}
