import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkPositiveInteger, shown } from './internal/check.ts';
import type { Initializer } from './internal/initializer.ts';
import { inputShapes } from './internal/input-shapes.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { onlyInput } from './internal/only-input.ts';

/** Options that the function and the layers share. */
export interface GroupNormalizationOptions {
  /** Runs of channels that are normalised together: 1 is a layer normalisation over image and channels, C one a channel. */
  readonly groups: number;
  /** Added to the variance; 1e-3 if omitted, as in Keras. */
  readonly epsilon?: number;
}

/**
 * Normalises every run of C / groups channels of every element of the batch to mean 0 and variance 1, over all places.
 *
 * x [B, ..., C], gamma and beta [C] -> the shape of x:  y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 * Source: Wu & He 2018, arXiv:1803.08494.
 *
 * @throws RangeError if shapes do not fit, groups do not divide C or epsilon is not positive.
 */
export function groupNormalization<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  { groups, epsilon = 1e-3 }: GroupNormalizationOptions,
): T {
  const who = 'groupNormalization';
  const channels = x.shape.at(-1);
  if (x.shape.length < 2 || [gamma, beta].some(({ shape }) => shape.length !== 1 || shape[0] !== channels)) {
    const got = [x, gamma, beta].map(({ shape }) => shown(shape)).join(', ');
    throw new RangeError(
      `${who}: x must be [B, ..., C], gamma and beta [C], got ${got}. Give a number for each channel.`,
    );
  }
  checkOptions(who, groups, epsilon);
  checkGroups(who, groups, channels!);
  return tf.tidy(() => tf.add(tf.mul(normalized(x, groups, epsilon), gamma), beta)) as T;
}

function normalized(x: tf.Tensor, groups: number, epsilon: number): tf.Tensor {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const places = x.shape.slice(1, -1).reduce((product, n) => product * n, 1);
  const apart = tf.reshape(x, [batch, places, groups, channels / groups]);
  const mean = (t: tf.Tensor) => tf.mean(tf.mean(t, 1, true), 3, true); // [B, 1, G, 1]
  const centred = tf.sub(apart, mean(apart));
  const variance = mean(tf.square(centred));
  return tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
}

function checkOptions(who: string, groups: number, epsilon: number): void {
  checkPositiveInteger(who, 'groups', groups);
  // Written so that NaN fails too.
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${who}: epsilon must be positive, got ${epsilon}. Omit it to use 1e-3.`);
  }
}

function checkGroups(who: string, groups: number, channels: number): void {
  if (channels % groups !== 0) {
    throw new RangeError(`${who}: groups must divide the channels, got ${groups} groups of ${channels} channels.`);
  }
}

/** Options of `GroupNormalization`. */
export interface GroupNormalizationArgs extends LayerArgs, GroupNormalizationOptions {}

/** `groupNormalization` with a learned gain and offset for each channel: [B, ..., C] -> [B, ..., C]. */
export class GroupNormalization extends layers.Layer {
  static className = 'GroupNormalization'; // saved inside models: renaming it is a breaking change
  readonly groups: number;
  readonly epsilon: number;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;

  /** @throws RangeError if groups or epsilon is not positive. */
  constructor(args: GroupNormalizationArgs) {
    super(args);
    this.groups = args.groups;
    this.epsilon = args.epsilon ?? 1e-3;
    checkOptions('GroupNormalization', this.groups, this.epsilon);
  }

  /** @throws RangeError unless the input is [B, ..., C] with a known C that the groups divide. */
  override build(inputShape: Shape | Shape[]): void {
    const channels = channelsOf('GroupNormalization', inputShape as Shape);
    checkGroups('GroupNormalization', this.groups, channels);
    this.gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    this.beta = this.addWeight('beta', [channels], 'float32', initializers.zeros());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return groupNormalization(onlyInput(inputs), this.gamma.read(), this.beta.read(), this);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups, epsilon: this.epsilon };
  }
}

/**
 * Group normalisation whose gain and offset come from a second input, such as an embedding of a class or of a time:
 * x [B, ..., C], condition [B, N] -> [B, ..., C]:  y = (1 + scale) (x - mean) / sqrt(variance + epsilon) + shift
 *
 * (scale, shift) = condition kernel + bias, kernel [N, 2 C] and bias [2 C], which start at 0: plain normalisation.
 * Source: Dhariwal & Nichol 2021, arXiv:2105.05233, section 3; that scale and shift are functions of a condition: Perez et al. 2018,
 * arXiv:1709.07871.
 */
export class AdaptiveGroupNormalization extends layers.Layer {
  static className = 'AdaptiveGroupNormalization'; // saved inside models: renaming it is a breaking change
  readonly groups: number;
  readonly epsilon: number;
  private kernel!: LayerVariable;
  private bias!: LayerVariable;

  /** @throws RangeError if groups or epsilon is not positive. */
  constructor(args: GroupNormalizationArgs) {
    super(args);
    this.groups = args.groups;
    this.epsilon = args.epsilon ?? 1e-3;
    checkOptions('AdaptiveGroupNormalization', this.groups, this.epsilon);
  }

  /** @throws RangeError unless inputs are [B, ..., C] and [B, N], with a known N and a known C that the groups divide. */
  override build(inputShape: Shape | Shape[]): void {
    const who = 'AdaptiveGroupNormalization';
    const [shape, condition] = inputShapes(inputShape);
    if (condition === undefined || condition.length !== 2 || typeof condition[1] !== 'number') {
      const got = condition === undefined ? 'no condition' : `a condition ${shown(condition)}`;
      throw new RangeError(`${who}: inputs must be x [B, ..., C] and a condition [B, N] with a known N, got ${got}.`);
    }
    const channels = channelsOf(who, shape!);
    checkGroups(who, this.groups, channels);
    const zeros = initializers.zeros() as Initializer;
    this.kernel = this.addWeight('kernel', [condition[1], 2 * channels], 'float32', zeros);
    this.bias = this.addWeight('bias', [2 * channels], 'float32', zeros);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x, condition] = inputs as [tf.Tensor, tf.Tensor];
      const channels = x.shape.at(-1)!;
      const wide = tf.add(tf.matMul(condition as tf.Tensor2D, this.kernel.read() as tf.Tensor2D), this.bias.read());
      const everywhere = [-1, ...x.shape.slice(1, -1).map(() => 1), channels];
      const [scale, shift] = tf.split(wide, 2, 1).map((t) => tf.reshape(t, everywhere)) as [tf.Tensor, tf.Tensor];
      return tf.add(tf.mul(normalized(x, this.groups, this.epsilon), tf.add(scale, 1)), shift);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return inputShape[0] as Shape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups, epsilon: this.epsilon };
  }
}

function channelsOf(who: string, shape: Shape): number {
  const channels = shape.at(-1);
  if (shape.length < 2 || typeof channels !== 'number') {
    throw new RangeError(`${who}: the input must be [B, ..., C] with a known number of channels, got ${shown(shape)}.`);
  }
  return channels;
}
