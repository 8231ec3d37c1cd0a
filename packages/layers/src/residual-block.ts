import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import type { DataInitializable } from './initialize-from-data.ts';
import { activationOf } from './internal/activation.ts';
import { checkColours, checkMask } from './internal/causal-mask.ts';
import { checkPair, checkPositiveInteger, demandWeightNorm, pair, shown } from './internal/check.ts';
import { convolveSame } from './internal/convolve.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { LinearMap, type WeightArgs, WeightOptions } from './internal/linear-map.ts';
import { maskedForm } from './internal/masked-form.ts';
import { onlyInput } from './internal/only-input.ts';

/** Options of `ResidualBlock`. */
export interface ResidualBlockArgs extends LayerArgs, WeightArgs {
  /** Filters of the two inner convolutions; half the input's channels if omitted. */
  hidden?: number;
  /** Size of the convolution in the middle, one number or [height, width]; 3 if omitted. Odd where it is masked. */
  kernelSize?: number | [number, number];
  /** Whether the convolution in the middle is masked by type B, as in PixelCNN; false if omitted. */
  masked?: boolean;
  /** How many groups of channels are ordered within a pixel where it is masked: see `MaskedConv2d`. 1 if omitted. */
  colours?: number;
  /** Name of an activation of tfjs-layers; 'relu' if omitted. */
  activation?: string;
}

type Step = (map: LinearMap, x: tf.Tensor) => tf.Tensor;

/**
 * Residual block with a bottleneck: x + f(x), [B, H, W, C] -> [B, H, W, C], where f is a 1x1 convolution to the hidden filters,
 * one of kernelSize among them, and a 1x1 convolution back to C, an activation after each.
 *
 * Source: He et al. 2016, arXiv:1512.03385; masked: van den Oord et al. 2016, arXiv:1601.06759, with the activations where
 * Foster, Generative Deep Learning, 2nd edition, chapter 5, has them.
 */
export class ResidualBlock extends layers.Layer implements DataInitializable {
  static className = 'ResidualBlock'; // saved inside models: renaming it is a breaking change
  readonly hidden: number | undefined;
  readonly kernelSize: [number, number];
  readonly masked: boolean;
  readonly colours: number;
  private readonly activationName: string;
  private readonly activation: (x: tf.Tensor) => tf.Tensor;
  private readonly options: WeightOptions;
  private maps!: readonly LinearMap[];

  /** @throws RangeError if a size, the activation or an initialiser is not one. */
  constructor(args: ResidualBlockArgs = {}) {
    super(args);
    this.hidden = args.hidden ?? undefined; // null in a saved model
    if (this.hidden !== undefined) checkPositiveInteger('ResidualBlock', 'hidden', this.hidden);
    this.kernelSize = pair(args.kernelSize ?? 3);
    checkPair('ResidualBlock', 'kernelSize', this.kernelSize);
    this.masked = args.masked ?? false;
    this.colours = args.colours ?? 1;
    if (this.masked) checkMask('ResidualBlock', { kernelSize: this.kernelSize, maskType: 'B', colours: this.colours });
    this.activationName = args.activation ?? 'relu';
    this.activation = activationOf(this.activationName);
    this.options = new WeightOptions('ResidualBlock', args);
  }

  get useWeightNorm(): boolean {
    return this.options.useWeightNorm;
  }

  /** @throws RangeError unless the input is [B, H, W, C] with a known C; without `hidden`, at least 2. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const channels = shape[3];
    if (shape.length !== 4 || typeof channels !== 'number') {
      throw new RangeError(
        `ResidualBlock: the input must be [B, H, W, C] with a known number of channels, got ${shown(shape)}.`,
      );
    }
    const hidden = this.hidden ?? Math.floor(channels / 2);
    if (hidden === 0) throw new RangeError('ResidualBlock: one channel has no half. Set hidden.');
    const map = (prefix: string, kernelSize: [number, number], from: number, to: number) =>
      new LinearMap({
        prefix,
        ...this.convolution(kernelSize, from, to),
        options: this.options,
        addWeight: (name, size, initializer) => this.addWeight(name, size, 'float32', initializer),
      });
    this.maps = [
      map('reduce', [1, 1], channels, hidden),
      map('spatial', this.kernelSize, hidden, hidden),
      map('expand', [1, 1], hidden, channels),
    ];
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.forward(onlyInput(inputs), (map, x) => map.apply(x)));
  }

  /**
   * Sets gains and biases so that, for this batch, every filter of the three convolutions has mean 0 and variance 1.
   *
   * @throws RangeError unless `useWeightNorm` is set.
   */
  initializeFromData(inputs: tf.Tensor | tf.Tensor[]): void {
    demandWeightNorm('ResidualBlock', this.useWeightNorm);
    tf.tidy(() => {
      if (!this.built) this.apply(inputs);
      this.forward(onlyInput(inputs), (map, x) => map.initializeAndApply(x));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { hidden = null, kernelSize, masked, colours, activationName: activation } = this;
    return { ...super.getConfig(), hidden, kernelSize, masked, colours, activation, ...this.options.config() };
  }

  private convolution(kernelSize: [number, number], channels: number, filters: number) {
    const { masked, colours } = this;
    if (!masked) return { kernelShape: [...kernelSize, channels, filters], run: convolveSame };
    checkColours('ResidualBlock', colours, channels, filters);
    return maskedForm({ kernelSize, maskType: 'B', colours }, channels, filters);
  }

  private forward(x: tf.Tensor, step: Step): tf.Tensor {
    return tf.add(
      x,
      this.maps.reduce((h, map) => this.activation(step(map, h)), x),
    );
  }
}
