import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkPositiveInteger, shown } from './internal/check.ts';
import { type Initializer, type InitializerArg, toConfig, toInitializer } from './internal/initializer.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { onlyInput } from './internal/only-input.ts';

/** Options of `PositionalEmbedding`. */
export interface PositionalEmbeddingArgs extends LayerArgs {
  /** Positions that have an embedding; those of the first input if omitted. Shorter inputs take the first ones. */
  maxLength?: number;
  /**
   * If omitted a truncated normal of standard deviation sqrt(2 / (positions + D)), which is Keras's 'glorotNormal' (that of
   * tfjs-layers has 0.88 of it).
   */
  initializer?: InitializerArg;
}

/** Standard deviation of a standard normal cut off at 2 of its own. */
const TRUNCATED = 0.87962566103423978;

/**
 * Adds a learned vector for each position: [..., T, D] -> [..., T, D], x + kernel, kernel [maxLength, D].
 */
export class PositionalEmbedding extends layers.Layer {
  static className = 'PositionalEmbedding'; // saved inside models: renaming it is a breaking change
  readonly maxLength: number | undefined;
  private readonly initializer: Initializer | undefined;
  private kernel!: LayerVariable;

  /** @throws RangeError if maxLength or the initialiser is not one. */
  constructor(args: PositionalEmbeddingArgs = {}) {
    super(args);
    this.maxLength = args.maxLength ?? undefined; // null in a saved model
    if (this.maxLength !== undefined) checkPositiveInteger('PositionalEmbedding', 'maxLength', this.maxLength);
    this.initializer = args.initializer == null ? undefined : toInitializer('PositionalEmbedding', args.initializer);
    this.supportsMasking = true;
  }

  /** @throws RangeError unless D is known, and T or `maxLength`. */
  override build(inputShape: Shape | Shape[]): void {
    const [steps, features] = (inputShape as Shape).slice(-2);
    const positions = this.maxLength ?? steps;
    if ((inputShape as Shape).length < 3 || typeof features !== 'number' || typeof positions !== 'number') {
      throw new RangeError(
        `PositionalEmbedding: the input must be [B, ..., T, D] with a known D, and a known T or maxLength, got ${shown(inputShape as Shape)}.`,
      );
    }
    const stddev = Math.sqrt(2 / (positions + features)) / TRUNCATED;
    const initializer = this.initializer ?? (initializers.truncatedNormal({ mean: 0, stddev }) as Initializer);
    this.kernel = this.addWeight('kernel', [positions, features], 'float32', initializer);
    super.build(inputShape);
  }

  /** @throws RangeError if the input has more positions than there are embeddings. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs); // [..., T, D]
      const [positions, features] = this.kernel.shape as [number, number];
      const steps = x.shape.at(-2)!;
      if (steps > positions) {
        throw new RangeError(
          `PositionalEmbedding: got ${steps} positions, but embeddings for ${positions}. Set maxLength to as many as may come.`,
        );
      }
      const kernel = this.kernel.read();
      return tf.add(x, steps === positions ? kernel : tf.slice(kernel, [0, 0], [steps, features]));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { maxLength = null } = this;
    const initializer = this.initializer === undefined ? null : toConfig(this.initializer);
    return { ...super.getConfig(), maxLength, initializer };
  }
}

/** Longest wavelength of `sinusoidalPositions`, over 2 pi. */
const LONGEST = 10_000;

/**
 * Waves that mark positions, [steps, features]: sin(t / 10000^(2 i / D)) at feature 2 i, the cosine at 2 i + 1, t counted from 0.
 * The caller disposes them. Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
 *
 * @throws RangeError unless both are positive integers.
 */
export function sinusoidalPositions(steps: number, features: number): tf.Tensor2D {
  checkPositiveInteger('sinusoidalPositions', 'steps', steps);
  checkPositiveInteger('sinusoidalPositions', 'features', features);
  const waves = new Float32Array(steps * features);
  for (let j = 0; j < features; j++) {
    const rate = LONGEST ** (-(j - (j % 2)) / features);
    const wave = j % 2 === 0 ? Math.sin : Math.cos;
    for (let t = 0; t < steps; t++) waves[t * features + j] = wave(t * rate);
  }
  return tf.tensor2d(waves, [steps, features]);
}

/** Adds `sinusoidalPositions`: [..., T, D] -> [..., T, D], of any length, without weights. */
export class SinusoidalPositions extends layers.Layer {
  static className = 'SinusoidalPositions'; // saved inside models: renaming it is a breaking change

  constructor(args: LayerArgs = {}) {
    super(args);
    this.supportsMasking = true;
  }

  /** @throws RangeError unless the input has positions and features. */
  override build(inputShape: Shape | Shape[]): void {
    if ((inputShape as Shape).length < 3) {
      throw new RangeError(`SinusoidalPositions: the input must be [B, ..., T, D], got ${shown(inputShape as Shape)}.`);
    }
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs);
      return tf.add(x, sinusoidalPositions(x.shape.at(-2)!, x.shape.at(-1)!));
    });
  }
}
