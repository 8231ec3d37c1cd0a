import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import type { DataInitializable } from '../initialize-from-data.ts';
import { activationOf } from './activation.ts';
import { checkPositiveInteger, demandWeightNorm, shown } from './check.ts';
import type { LayerArgs } from './layer-args.ts';
import { LinearMap, type MapForm, type WeightArgs, WeightOptions } from './linear-map.ts';
import { onlyInput } from './only-input.ts';

/** Options that all convolutions of this package share. */
export interface ConvLayerArgs extends LayerArgs, WeightArgs {
  /** Channels of the output. */
  filters: number;
  /** Name of an activation of tfjs-layers, such as 'relu'; none if omitted. */
  activation?: string;
}

/** A convolution's weights, activation and weight normalisation; which taps meet what is up to the class that extends it. */
export abstract class ConvLayer extends layers.Layer implements DataInitializable {
  readonly filters: number;
  private readonly options: WeightOptions;
  private readonly activationName: string | undefined;
  private readonly activation: (x: tf.Tensor) => tf.Tensor;
  protected map!: LinearMap;

  /** @throws RangeError if filters, the activation or an initialiser is not one. */
  protected constructor(args: ConvLayerArgs) {
    super(args);
    const who = this.getClassName();
    checkPositiveInteger(who, 'filters', args.filters);
    this.filters = args.filters;
    this.options = new WeightOptions(who, args);
    this.activationName = args.activation ?? undefined; // null in a saved model
    this.activation = activationOf(this.activationName);
  }

  /** Shape of an input, in words: '[B, H, W, C]'. */
  protected abstract readonly inputForm: string;

  /** Stored kernel and convolution, for an input of so many channels. */
  protected abstract mapForm(channels: number): Omit<MapForm, 'addWeight' | 'options'>;

  get useBias(): boolean {
    return this.options.useBias;
  }

  get useWeightNorm(): boolean {
    return this.options.useWeightNorm;
  }

  /** @throws RangeError unless the input has the right rank and a known number of channels. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const channels = shape.at(-1);
    if (shape.length !== this.inputForm.split(',').length || typeof channels !== 'number') {
      throw new RangeError(
        `${this.getClassName()}: the input must be ${this.inputForm} with a known number of channels, got ${shown(shape)}.`,
      );
    }
    this.map = new LinearMap({
      ...this.mapForm(channels),
      options: this.options,
      addWeight: (name, size, initializer) => this.addWeight(name, size, 'float32', initializer),
    });
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.activation(this.map.apply(onlyInput(inputs))));
  }

  /**
   * Sets gain and bias so that, for this batch, the outputs of each filter have mean 0 and variance 1 before the activation
   * (mean as it comes without a bias). See `dataDependentInit`.
   *
   * @throws RangeError unless `useWeightNorm` is set.
   */
  initializeFromData(inputs: tf.Tensor | tf.Tensor[]): void {
    demandWeightNorm(this.getClassName(), this.useWeightNorm);
    tf.tidy(() => {
      if (!this.built) this.apply(inputs);
      this.map.initializeAndApply(onlyInput(inputs));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { filters, activationName = null } = this;
    return { ...super.getConfig(), filters, activation: activationName, ...this.options.config() };
  }
}
