import { standardNormal } from '@proj/distributions';
import { foldIn } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkSeed } from './internal/check.ts';
import { inputShapes } from './internal/input-shapes.ts';
import type { LayerArgs } from './internal/layer-args.ts';

/** Options of `Sampling`. */
export interface SamplingArgs extends LayerArgs {
  /** Integer from 0 to 2^53 - 1. Two layers of one model need two seeds, or they draw the same noise. */
  seed: number;
}

/**
 * A draw from a Gaussian with diagonal covariance, through which gradients reach both of its parameters: what stands between the
 * encoder and the decoder of a variational auto-encoder.
 *
 * [mean [B, Z], log-variance [B, Z]] -> z [B, Z]:  z = mean + exp(logVariance / 2) eps,  eps ~ N(0, I); other ranks too
 * Every call draws anew, in training and in prediction: call number k, from 0, takes its noise from `foldIn(seed, k)`, so the same
 * calls give the same draws, on every engine. `predict` makes a call a batch. Saved is the seed alone: a layer that is loaded, or
 * told to `restart`, begins at call 0.
 * Source: Kingma & Welling 2013, arXiv:1312.6114, section 2.4.
 */
export class Sampling extends layers.Layer {
  static className = 'Sampling'; // saved inside models: renaming it is a breaking change
  readonly seed: number;
  private calls = 0;

  /** @throws RangeError if seed is not a non-negative safe integer. */
  constructor(args: SamplingArgs) {
    super(args);
    this.seed = args.seed;
    checkSeed('Sampling', this.seed);
  }

  /** The next call draws what the first one drew. */
  restart(): void {
    this.calls = 0;
  }

  /** @throws RangeError unless it is given two shapes that are equal. */
  override build(inputShape: Shape | Shape[]): void {
    checkPair(inputShape);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return checkPair(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [mean, logVariance] = inputs as [tf.Tensor, tf.Tensor];
    const seed = foldIn(this.seed, this.calls);
    this.calls += 1;
    return tf.tidy(() => {
      const scale = tf.exp(tf.div(logVariance, 2));
      return tf.add(mean, tf.mul(scale, standardNormal(mean.shape, seed)));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), seed: this.seed };
  }
}

/** The shape of both. */
function checkPair(inputShape: Shape | Shape[]): Shape {
  const [mean, logVariance, ...more] = inputShapes(inputShape);
  const isSame =
    mean?.length === logVariance?.length && mean?.every((n, i) => n === logVariance?.[i] || n === null) === true;
  if (isSame && more.length === 0) return mean as Shape;
  const got = [mean, logVariance, ...more]
    .filter((shape) => shape !== undefined)
    .map((shape) => `[${shape.join(', ')}]`);
  throw new RangeError(
    `Sampling: expected two inputs of one shape, mean and log-variance, got ${got.join(' and ')}. Call apply([mean, logVariance]).`,
  );
}
