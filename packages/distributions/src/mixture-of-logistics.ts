import * as tf from '@tensorflow/tfjs-core';
import { type Constraint, each, integerInterval, interval, positive, real } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { constant } from './internal/constant.ts';
import { logMass } from './internal/discretised-logistics.ts';
import { expand } from './internal/expand.ts';
import { type FlatMixture, fusedLogMass, hasFusedMixture } from './internal/fused-mixture.ts';
import { broadcastShape, sameShape, showShape } from './internal/shape.ts';
import { gumbel, splitSeed } from './random.ts';
import { standardLogistic } from './standard.ts';

/** How channels hang together, and the range of the integers. */
export interface MixtureOfLogisticsOptions extends DistributionOptions {
  /** How a channel's location moves with those before it, [..., H, W, K, C (C - 1) / 2]: g by r, b by r, b by g. */
  coefficients?: Value;
  /** Least integer; 0 if omitted. */
  low?: number;
  /** Greatest integer; 255 if omitted. */
  high?: number;
}

/**
 * Images of integers from `low` to `high`: a pixel is a mixture of K components, each a logistic for every one of C
 * channels, rounded to the nearest integer and clamped.
 *
 * `logits` [..., H, W, K] weigh the components; a pixel's channels share one. `loc` and `scale` [..., H, W, K, C] are
 * on the range [-1, 1], where an integer y is 2 (y - low) / (high - low) - 1. There a channel's location is linear in
 * those before it: loc_g + c0 r, loc_b + c1 r + c2 g. The event is an image [H, W, C], other axes are the batch.
 *
 * Source: Salimans et al. 2017, arXiv:1701.05517, without its tanh of the coefficients and its approximate tails, as
 * TensorFlow Probability has it; but a draw is rounded before the next channel sees it: draws follow `logProb` exactly.
 */
export class MixtureOfLogistics extends ParametricDistribution<[number, number, number]> {
  readonly reparameterized = false;
  readonly logits = this.parameters.logits!;
  readonly loc = this.parameters.loc!;
  readonly scale = this.parameters.scale!;
  readonly coefficients = this.parameters.coefficients;
  readonly eventShape: [height: number, width: number, channels: number];
  readonly support: Constraint;
  readonly low: number;
  readonly high: number;

  /** @throws RangeError if the shapes do not fit or the range is empty, TypeError if a tensor is not float32. */
  constructor(logits: Value, loc: Value, scale: Value, options: MixtureOfLogisticsOptions = {}) {
    const { coefficients, low = 0, high = 255 } = options;
    if (!(Number.isInteger(low) && Number.isInteger(high) && low < high)) {
      throw new RangeError(`MixtureOfLogistics: low and high must be integers, low < high, got ${low} and ${high}.`);
    }
    super(
      'MixtureOfLogistics',
      {
        logits: [logits, each(real, 3)],
        loc: [loc, each(real, 4)],
        scale: [scale, each(positive, 4)],
        ...(coefficients === undefined ? {} : { coefficients: [coefficients, each(real, 4)] }),
      },
      options,
    );
    const [height, width, , channels] = this.loc.shape.slice(-4) as [number, number, number, number];
    this.checkShapes();
    this.eventShape = [height, width, channels];
    this.support = each(integerInterval(low, high), 3);
    this.low = low;
    this.high = high;
  }

  protected override _with([logits, loc, scale, coefficients]: tf.Tensor[]): MixtureOfLogistics {
    const { low, high, validateArgs } = this;
    const options = { low, high, validateArgs, ...(coefficients === undefined ? {} : { coefficients }) };
    return new MixtureOfLogistics(logits!, loc!, scale!, options);
  }

  /**
   * In nats per image: the sum over pixels. A number between two integers is taken for the bin of width 1 around it,
   * which `validateArgs` refuses. The gradient by the value is 0.
   */
  protected _logProb(value: tf.Tensor): tf.Tensor {
    const lead = value.shape.slice(0, -3);
    const full = broadcastShape('MixtureOfLogistics.logProb', { value: lead, batchShape: this.batchShape });
    const sets = full.slice(0, full.length - this.batchShape.length);
    const images = expand(value, [...full, ...this.eventShape]);
    const [height, width, channels] = this.eventShape;
    const y = tf.reshape(images, [size(sets), size([...full.slice(sets.length), height, width]), 1, channels]);
    const perPixel = this.perPixel(y, full.slice(sets.length));
    const perImage = tf.sum(tf.reshape(perPixel, [...full, height * width]), -1);
    const inside = constant((x) => each(interval(this.low, this.high), 3).check(x))(images);
    return tf.where(inside, perImage, Number.NEGATIVE_INFINITY);
  }

  /** The same bits on every engine for the same parameters; their gradient is 0. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const draw = constant(() => tf.reshape(this.draw(size(sampleShape), seed), [...sampleShape, ...this.fullShape]));
    return draw(...Object.values(this.parameters));
  }

  /** [sets, P, C], P the pixels of the whole batch: a component by Gumbel-max, then channel after channel. */
  private draw(sets: number, seed: number): tf.Tensor {
    const [logits, loc, scale, coefficients] = this.flat(this.batchShape);
    const [, pixels, components] = logits.shape as [number, number, number];
    const [ofComponent, ...ofChannel] = splitSeed(seed, 1 + this.eventShape[2]) as [number, ...number[]];

    const noise = tf.tensor(gumbel(sets * pixels * components, ofComponent), [sets, pixels, components]);
    const component = tf.argMax(tf.add(logits, noise), 2);
    const rows = tf.add(component, tf.range(0, pixels * components, components, 'int32')) as tf.Tensor2D;
    // [1, P, K, n] -> n of [sets, P]
    const chosen = (t: tf.Tensor) => tf.unstack(tf.gather(tf.reshape(t, [pixels * components, t.shape[3]!]), rows), 2);
    const [locs, scales] = [chosen(loc), chosen(scale)];
    const slopes = coefficients === undefined ? [] : chosen(coefficients);

    const drawn: tf.Tensor[] = [];
    ofChannel.forEach((channelSeed, c) => {
      let x = tf.add(locs[c]!, tf.mul(scales[c]!, standardLogistic([sets, pixels], channelSeed)));
      slopes.slice((c * (c - 1)) / 2, (c * (c + 1)) / 2).forEach((slope, j) => {
        x = tf.add(x, tf.mul(slope, this.rescale(drawn[j]!)));
      });
      const nearest = tf.floor(tf.add(tf.mul(x, this.unit), this.middle + 0.5));
      drawn.push(tf.clipByValue(nearest, this.low, this.high));
    });
    return tf.stack(drawn, 2);
  }

  /** Defined for one channel, like the statistics below: they go through all integers of the range. */
  protected override _mean(): tf.Tensor {
    return this.expectation('mean', (level) => tf.scalar(level));
  }

  protected override _variance(): tf.Tensor {
    const mean = this.expectation('variance', (level) => tf.scalar(level));
    return this.expectation('variance', (level) => tf.square(tf.sub(level, mean)));
  }

  /** The least of several. */
  protected override _mode(): tf.Tensor {
    this.checkOneChannel('mode');
    const search = constant(() => {
      const best = tf.argMax(tf.stack(this.levels().map((level) => this.logPmf(level))), 0);
      return tf.add(tf.cast(best, 'float32'), this.low);
    });
    return search(...Object.values(this.parameters));
  }

  protected override _entropy(): tf.Tensor {
    return sumPixels(this.expectation('entropy', (_, logPmf) => tf.neg(logPmf)));
  }

  protected override _klDivergence(other: MixtureOfLogistics): tf.Tensor {
    if (this.low !== other.low || this.high !== other.high) {
      throw new RangeError(
        `klDivergence: the values of both must have one range, got ${this.low} to ${this.high} of p and ` +
          `${other.low} to ${other.high} of q.`,
      );
    }
    return sumPixels(this.expectation('klDivergence', (level, logPmf) => tf.sub(logPmf, other.logPmf(level))));
  }

  /** Sum over all integers of P(level) f(level, log P(level)) for each pixel, [...batchShape, H, W, 1]. */
  private expectation(what: string, f: (level: number, logPmf: tf.Tensor) => tf.Tensor): tf.Tensor {
    this.checkOneChannel(what);
    return this.levels().reduce((sum: tf.Tensor, level) => {
      const term = tf.tidy(() => {
        const logPmf = this.logPmf(level);
        return tf.mul(tf.exp(logPmf), f(level, logPmf));
      });
      return tf.add(sum, term);
    }, tf.zeros(this.fullShape));
  }

  private logPmf(level: number): tf.Tensor {
    return tf.reshape(this.perPixel(tf.fill([1, 1, 1, 1], level), this.batchShape), this.fullShape);
  }

  private levels(): number[] {
    return Array.from({ length: this.high - this.low + 1 }, (_, i) => this.low + i);
  }

  private checkOneChannel(what: string): void {
    const channels = this.eventShape[2];
    if (channels === 1) return;
    throw new Error(
      `${this.name}: ${what}() is not defined for this distribution, whose ${channels} channels depend on ` +
        'each other. Estimate it from samples.',
    );
  }

  /** Log probability of y [S, P, 1, C] (or [1, 1, 1, 1], for every pixel) in each pixel of the batch, [S, P]. */
  private perPixel(y: tf.Tensor, batch: Shape): tf.Tensor {
    const mixture = this.flat(batch);
    const plain = (parts: FlatMixture, value: tf.Tensor) => this.inOperations(parts, value);
    if (!hasFusedMixture()) return plain(mixture, y);
    return fusedLogMass(mixture, expand(y, [y.shape[0]!, mixture[0].shape[1]!, 1, y.shape[3]!]), this, plain);
  }

  private inOperations([logits, loc, scale, coefficients]: FlatMixture, y: tf.Tensor): tf.Tensor {
    // From the middle, where halves are exact: a bin ends to the bit where the next begins, and all add up to 1.
    const [least, most] = [-BEYOND, BEYOND];
    const lower = constant((v) => tf.where(tf.lessEqual(v, this.low), least, tf.sub(v, this.middle + 0.5)));
    const upper = constant((v) => tf.where(tf.greaterEqual(v, this.high), most, tf.sub(v, this.middle - 0.5)));
    const moved = coefficients === undefined ? loc : tf.add(loc, this.shift(coefficients, y));
    return logMass([logits, moved, scale], [lower(y), upper(y)], this.unit);
  }

  /** What the channels before add to each location, [S, P, K, C]; coefficients [1, P, K, J], y [S, P, 1, C]. */
  private shift(coefficients: tf.Tensor, y: tf.Tensor): tf.Tensor {
    const channels = this.eventShape[2];
    const pairs = Array.from({ length: channels }, (_, to) =>
      Array.from({ length: to }, (_, from) => ({ from, to })),
    ).flat();
    const from = pairs.map((pair) => pair.from);
    const sources = constant((v) => tf.gather(this.rescale(v), from, 3))(y); // [S, P, 1, J]
    const terms = tf.mul(coefficients, sources);
    const targets = pairs.map(({ to }) => Array.from({ length: channels }, (_, c) => Number(c === to))); // [J, C]
    const sums = tf.matMul(tf.reshape(terms, [-1, pairs.length]) as tf.Tensor2D, tf.tensor2d(targets));
    return tf.reshape(sums, [...terms.shape.slice(0, 3), channels]);
  }

  /** Parameters over the pixels of a batch: logits [1, P, K], the others [1, P, K, ...]. */
  private flat(batch: Shape): FlatMixture {
    const [height, width] = this.eventShape;
    const pixels = size([...batch, height, width]);
    const over = (t: tf.Tensor, eventRank: number) => {
      const event = t.shape.slice(t.rank - eventRank);
      return tf.reshape(expand(t, [...batch, ...event]), [1, pixels, ...event.slice(2)]);
    };
    const coefficients = this.coefficients?.size ? over(this.coefficients, 4) : undefined;
    return [over(this.logits, 3), over(this.loc, 4), over(this.scale, 4), coefficients];
  }

  private get middle(): number {
    return (this.low + this.high) / 2;
  }

  /** Integers for each unit of [-1, 1]. */
  private get unit(): number {
    return (this.high - this.low) / 2;
  }

  private rescale(y: tf.Tensor): tf.Tensor {
    return tf.div(tf.sub(y, this.middle), this.unit);
  }

  private checkShapes(): void {
    const [height, width, components, channels] = this.loc.shape.slice(-4) as [number, number, number, number];
    const expected: Record<string, Shape> = {
      logits: [height, width, components],
      loc: [height, width, components, channels],
      scale: [height, width, components, channels],
      coefficients: [height, width, components, (channels * (channels - 1)) / 2],
    };
    const fits = components > 0 && channels > 0;
    for (const [key, { shape }] of Object.entries(this.parameters)) {
      const event = expected[key]!;
      if (fits && sameShape(shape.slice(-event.length), event)) continue;
      this.dispose();
      throw new RangeError(
        `MixtureOfLogistics: logits must end in [H, W, K], loc and scale in [H, W, K, C], coefficients in ` +
          `[H, W, K, C (C - 1) / 2], K and C from 1; got ${key} ${showShape(shape)} beside loc ` +
          `${showShape(this.loc.shape)}.`,
      );
    }
  }
}

/** The end of a bin that has none: beyond any location, and finite, since 0 times it is a part of second derivatives. */
const BEYOND = 1e37;

const size = (shape: Shape): number => tf.util.sizeFromShape(shape);

/** [..., H, W, 1] -> [...] */
const sumPixels = (t: tf.Tensor): tf.Tensor => tf.sum(t, [t.rank - 3, t.rank - 2, t.rank - 1]);
