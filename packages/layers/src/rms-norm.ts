import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import type { LayerArgs } from './internal/layer-args.ts';
import { onlyInput } from './internal/only-input.ts';

/** Options of `RmsNorm`. */
export interface RmsNormArgs extends LayerArgs {
  /** Added to the mean square, so that a row of zeros stays one; 1e-6 if omitted. */
  epsilon?: number;
}

/**
 * Root-mean-square normalisation of the last axis, with one learned gain per feature.
 *
 * [..., D] -> [..., D]:  y = gain * x / sqrt(mean(x^2) + epsilon)
 * Source: Zhang & Sennrich 2019, arXiv:1910.07467; epsilon is ours.
 */
export class RmsNorm extends layers.Layer {
  static className = 'RmsNorm'; // saved inside models: renaming it is a breaking change
  readonly epsilon: number;
  private gain!: LayerVariable;

  /** @throws RangeError if epsilon is not positive. */
  constructor(args: RmsNormArgs = {}) {
    super(args);
    this.epsilon = args.epsilon ?? 1e-6;
    // Written so that NaN fails too.
    if (!(this.epsilon > 0 && this.epsilon < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`RmsNorm: epsilon must be positive, got ${this.epsilon}. Omit it to use 1e-6.`);
    }
    this.supportsMasking = true; // a row's result depends on that row alone
  }

  /** @throws RangeError if the size of the last axis is not known. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const features = shape.at(-1);
    if (typeof features !== 'number' || shape.length < 2) {
      throw new RangeError(
        `RmsNorm: the input must be a batch whose last axis has a known size, got shape [${shape.join(', ')}].`,
      );
    }
    this.gain = this.addWeight('gain', [features], 'float32', initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs); // [..., D]
      const meanSquare = tf.mean(tf.square(x), -1, true); // [..., 1]
      return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, this.epsilon))), this.gain.read());
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}
