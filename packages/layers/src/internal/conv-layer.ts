import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { dataDependentInit, weightNorm } from '../weight-norm.ts';
import { checkPositiveInteger, shown } from './check.ts';
import { type Initializer, type InitializerArg, toConfig, toInitializer } from './initializer.ts';
import type { LayerArgs } from './layer-args.ts';
import { onlyInput } from './only-input.ts';

/** Options that all convolutions of this package share. */
export interface ConvLayerArgs extends LayerArgs {
  /** Channels of the output. */
  filters: number;
  /** Name of an activation of tfjs-layers, such as 'relu'; none if omitted. */
  activation?: string;
  /** Whether each filter has a bias; true if omitted. */
  useBias?: boolean;
  /** Whether each filter's length is a weight of its own (`weightNorm`), which `initializeFromData` can set; false if omitted. */
  useWeightNorm?: boolean;
  /** 'glorotUniform' if omitted (as in Keras; over the whole kernel, dead taps counted). */
  kernelInitializer?: InitializerArg;
  /** 'zeros' if omitted. */
  biasInitializer?: InitializerArg;
}

/** A convolution's weights, bias, activation and weight normalisation; which taps meet what is up to the class that extends it. */
export abstract class ConvLayer extends layers.Layer {
  readonly filters: number;
  readonly useBias: boolean;
  readonly useWeightNorm: boolean;
  private readonly activationName: string | undefined;
  private readonly activation: layers.Layer | undefined;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  protected kernel!: LayerVariable;
  private bias: LayerVariable | undefined;
  private gain: LayerVariable | undefined;

  /** @throws RangeError if filters, the activation or an initialiser is not one. */
  protected constructor(args: ConvLayerArgs) {
    super(args);
    const who = this.getClassName();
    checkPositiveInteger(who, 'filters', args.filters);
    this.filters = args.filters;
    this.useBias = args.useBias ?? true;
    this.useWeightNorm = args.useWeightNorm ?? false;
    this.activationName = args.activation ?? undefined; // null in a saved model
    this.activation =
      this.activationName === undefined ? undefined : layers.activation({ activation: this.activationName as 'relu' });
    this.kernelInitializer = toInitializer(who, args.kernelInitializer ?? initializers.glorotUniform({}));
    this.biasInitializer = toInitializer(who, args.biasInitializer ?? initializers.zeros());
  }

  /** Shape of an input, in words: '[B, H, W, C]'. */
  protected abstract readonly inputForm: string;

  /** The shape of the stored kernel, for an input of so many channels. */
  protected abstract kernelShape(channels: number): number[];

  /** The kernel's live part, dead taps at 0; the axis of its filters is `filterAxis`. */
  protected liveKernel(kernel: tf.Tensor): tf.Tensor {
    return kernel;
  }

  /** The convolution by a live kernel. */
  protected abstract convolve(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor;

  /** Axis of the filters in a kernel. */
  protected readonly filterAxis: number = -1;

  /** @throws RangeError unless the input has the right rank and a known number of channels. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const channels = shape.at(-1);
    if (shape.length !== this.inputForm.split(',').length || typeof channels !== 'number') {
      throw new RangeError(
        `${this.getClassName()}: the input must be ${this.inputForm} with a known number of channels, got ${shown(shape)}.`,
      );
    }
    this.kernel = this.addWeight('kernel', this.kernelShape(channels), 'float32', this.kernelInitializer);
    if (this.useBias) this.bias = this.addWeight('bias', [this.filters], 'float32', this.biasInitializer);
    if (this.useWeightNorm) this.gain = this.addWeight('gain', [this.filters], 'float32', initializers.ones());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const y = this.linear(onlyInput(inputs), this.bias?.read(), this.gain?.read());
      return this.activation === undefined ? y : (this.activation.call(y, {}) as tf.Tensor);
    });
  }

  /**
   * Sets gain and bias so that, for this batch, the outputs of each filter have mean 0 and variance 1 before the activation
   * (mean as it comes without a bias). See `dataDependentInit`.
   *
   * @throws RangeError unless `useWeightNorm` is set.
   */
  initializeFromData(x: tf.Tensor): void {
    if (!this.useWeightNorm) {
      throw new RangeError(
        `${this.getClassName()}: initializeFromData needs useWeightNorm: true, for the gain that it sets.`,
      );
    }
    tf.tidy(() => {
      if (!this.built) this.apply(x);
      const start = dataDependentInit(this.linear(x, undefined, tf.ones([this.filters])));
      this.gain!.write(start.gain);
      this.bias?.write(start.bias);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      filters: this.filters,
      activation: this.activationName ?? null,
      useBias: this.useBias,
      useWeightNorm: this.useWeightNorm,
      kernelInitializer: toConfig(this.kernelInitializer),
      biasInitializer: toConfig(this.biasInitializer),
    };
  }

  private linear(x: tf.Tensor, bias: tf.Tensor | undefined, gain: tf.Tensor | undefined): tf.Tensor {
    const live = this.liveKernel(this.kernel.read());
    const kernel = gain === undefined ? live : weightNorm(live, gain, { axis: this.filterAxis });
    return this.convolve(x, kernel, bias);
  }
}
