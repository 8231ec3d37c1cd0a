import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, layers, type Shape } from '@tensorflow/tfjs-layers';
import { type Initializer, type InitializerArg, toConfig, toInitializer } from './internal/initializer.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { onlyInput } from './internal/only-input.ts';

/** 'A' hides the pixel itself from the kernel, 'B' shows it. Later pixels are hidden by both. */
export type MaskType = 'A' | 'B';

/** Options of `MaskedConv2d`. */
export interface MaskedConv2dArgs extends LayerArgs {
  /** Channels of the output. */
  filters: number;
  /** Odd height and width of the kernel, or one number for both. */
  kernelSize: number | [number, number];
  /** 'A' for the first layer of a network, 'B' for those above it. */
  maskType: MaskType;
  /** Name of an activation of tfjs-layers, such as 'relu'; none if omitted. */
  activation?: string;
  /** Whether each filter has a bias; true if omitted. */
  useBias?: boolean;
  /** 'glorotUniform' if omitted (as in Keras; over the whole kernel, dead taps counted). */
  kernelInitializer?: InitializerArg;
  /** 'zeros' if omitted. */
  biasInitializer?: InitializerArg;
}

/**
 * Convolution of stride 1 that sees only pixels earlier in raster order: rows above, and the same row to the left.
 *
 * [B, H, W, C] -> [B, H, W, filters], zero-padded:  y = activation(conv(x, kernel * mask) + bias)
 * The whole kernel is stored, and the mask is part of the forward pass: the layer is causal before the first training step,
 * dead taps get a gradient of exactly 0, and what they hold never matters.
 * Source: van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv:1601.06759, without its ordering of colour channels.
 */
export class MaskedConv2d extends layers.Layer {
  static className = 'MaskedConv2d'; // saved inside models: renaming it is a breaking change
  readonly filters: number;
  readonly kernelSize: [number, number];
  readonly maskType: MaskType;
  readonly useBias: boolean;
  private readonly activationName: string | undefined;
  private readonly activation: layers.Layer | undefined;
  private readonly kernelInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  /** @throws RangeError if a size, the mask type or an initialiser is not one. */
  constructor(args: MaskedConv2dArgs) {
    super(args);
    const { filters, kernelSize } = args;
    if (!(Number.isInteger(filters) && filters > 0)) {
      throw new RangeError(`MaskedConv2d: filters must be a positive integer, got ${filters}.`);
    }
    const size = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : [...kernelSize];
    if (size.length !== 2 || !size.every((n) => Number.isInteger(n) && n > 0 && n % 2 === 1)) {
      throw new RangeError(
        `MaskedConv2d: kernelSize must be one or two odd positive integers, so that there is a centre, got [${size.join(', ')}].`,
      );
    }
    // tfjs-layers saves every string of a config in lower case.
    const maskType = String(args.maskType).toUpperCase();
    if (maskType !== 'A' && maskType !== 'B') {
      throw new RangeError(
        `MaskedConv2d: maskType must be "A" (without the pixel itself) or "B" (with it), got "${args.maskType}".`,
      );
    }
    if (maskType === 'A' && size[0] === 1 && size[1] === 1) {
      throw new RangeError('MaskedConv2d: a 1 x 1 kernel of maskType "A" sees nothing. Use "B", or a larger kernel.');
    }
    this.filters = filters;
    this.kernelSize = size as [number, number];
    this.maskType = maskType;
    this.useBias = args.useBias ?? true;
    this.activationName = args.activation ?? undefined; // null in a saved model
    this.activation =
      this.activationName === undefined ? undefined : layers.activation({ activation: this.activationName as 'relu' });
    this.kernelInitializer = toInitializer('MaskedConv2d', args.kernelInitializer ?? initializers.glorotUniform({}));
    this.biasInitializer = toInitializer('MaskedConv2d', args.biasInitializer ?? initializers.zeros());
  }

  /** @throws RangeError unless the input is [B, H, W, C] with a known C. */
  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const channels = shape[3];
    if (shape.length !== 4 || typeof channels !== 'number') {
      throw new RangeError(
        `MaskedConv2d: the input must be [B, H, W, C] with a known number of channels, got [${shape.join(', ')}].`,
      );
    }
    const kernelShape = [...this.kernelSize, channels, this.filters];
    this.kernel = this.addWeight('kernel', kernelShape, 'float32', this.kernelInitializer);
    if (this.useBias) this.bias = this.addWeight('bias', [this.filters], 'float32', this.biasInitializer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyInput(inputs) as tf.Tensor4D; // [B, H, W, C]
      const kernel = tf.mul(this.kernel.read(), this.mask()) as tf.Tensor4D; // [kh, kw, C, F]
      const convolved = tf.conv2d(x, kernel, 1, 'same');
      const y = this.bias === undefined ? convolved : tf.add(convolved, this.bias.read());
      return this.activation === undefined ? y : (this.activation.call(y, {}) as tf.Tensor);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...(inputShape as Shape).slice(0, 3), this.filters];
  }

  /** Weights that can matter: those of live taps, and the biases. `countParams()` counts the dead ones too. */
  countLiveParams(): number {
    const [height, width] = this.kernelSize;
    const dead = height * width - liveTaps(this.kernelSize, this.maskType);
    return this.countParams() - dead * this.kernel.shape[2]! * this.filters;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernelSize: this.kernelSize,
      maskType: this.maskType,
      activation: this.activationName ?? null,
      useBias: this.useBias,
      kernelInitializer: toConfig(this.kernelInitializer),
      biasInitializer: toConfig(this.biasInitializer),
    };
  }

  /** [kh, kw, 1, 1]: 1 before the centre in raster order, 0 after it. */
  private mask(): tf.Tensor4D {
    const [height, width] = this.kernelSize;
    const taps = new Float32Array(height * width).fill(1, 0, liveTaps(this.kernelSize, this.maskType));
    return tf.tensor4d(taps, [height, width, 1, 1]);
  }
}

/** In raster order the live taps are the first ones: as many as stand before the centre, and the centre itself for 'B'. */
const liveTaps = ([height, width]: [number, number], maskType: MaskType): number =>
  (height * width - 1) / 2 + (maskType === 'B' ? 1 : 0);
