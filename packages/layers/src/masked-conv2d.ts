import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import {
  type CausalMask,
  checkColours,
  checkMask,
  countLive,
  liveKernel,
  type MaskType,
} from './internal/causal-mask.ts';
import { checkConvolution } from './internal/check.ts';
import { ConvLayer, type ConvLayerArgs } from './internal/conv-layer.ts';
import { offsetConv2d } from './internal/offset-conv.ts';

export type { MaskType } from './internal/causal-mask.ts';

export interface MaskedConv2dOptions {
  /** 'A' for the first layer of a network, 'B' for those above it. */
  readonly maskType: MaskType;
  /**
   * How many groups of channels are ordered within a pixel: 3 for red, green, blue. Channels and filters are cut into so many
   * runs of one length; at the pixel itself a filter sees the groups before its own ('A'), or its own too ('B'). 1 if omitted:
   * channels are not ordered.
   */
  readonly colours?: number;
}

/**
 * Convolution of stride 1 that sees only pixels earlier in raster order: rows above, and the same row to the left; with
 * `colours`, also the channels of the pixel itself that come earlier.
 *
 * x [B, H, W, C], kernel [kh, kw, C, F] of odd sizes, bias [F] or none -> [B, H, W, F], zero-padded:  conv(x, kernel * mask) + bias
 * Dead taps get a gradient of exactly 0, and what they hold never matters. Only the rows and columns of the kernel that have live
 * taps are multiplied: 4 of 7 rows.
 * Source: van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv:1601.06759.
 *
 * @throws RangeError if shapes do not fit, or the mask is none.
 */
export function maskedConv2d(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  { maskType, colours = 1 }: MaskedConv2dOptions,
): tf.Tensor4D {
  checkConvolution('maskedConv2d', x, kernel, bias);
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  const mask = { kernelSize: [height, width], maskType, colours } as const;
  checkMask('maskedConv2d', mask);
  checkColours('maskedConv2d', colours, channels, filters);
  return tf.tidy(() => convolveLive(x, liveKernel(kernel, mask), bias, mask));
}

const convolveLive = (
  x: tf.Tensor,
  live: tf.Tensor,
  bias: tf.Tensor | undefined,
  { kernelSize: [height, width] }: CausalMask,
): tf.Tensor4D => offsetConv2d(x, live, bias, { top: (height - 1) / 2, left: (width - 1) / 2 });

/** Options of `MaskedConv2d`. */
export interface MaskedConv2dArgs extends ConvLayerArgs, MaskedConv2dOptions {
  /** Odd height and width of the kernel, or one number for both. */
  kernelSize: number | [number, number];
}

/**
 * `maskedConv2d` with its weights: [B, H, W, C] -> [B, H, W, filters].
 *
 * The whole kernel is stored, and the mask is part of the forward pass: the layer is causal before the first training step. With
 * `useWeightNorm` a filter's length is that of its live taps.
 */
export class MaskedConv2d extends ConvLayer {
  static className = 'MaskedConv2d'; // saved inside models: renaming it is a breaking change
  readonly kernelSize: [number, number];
  readonly maskType: MaskType;
  readonly colours: number;
  protected readonly inputForm = '[B, H, W, C]';

  /** @throws RangeError if a size, the mask type, the colours or an initialiser is not one. */
  constructor(args: MaskedConv2dArgs) {
    super(args);
    const { kernelSize } = args;
    this.kernelSize = (typeof kernelSize === 'number' ? [kernelSize, kernelSize] : [...kernelSize]) as [number, number];
    // tfjs-layers saves every string of a config in lower case.
    const maskType = String(args.maskType).toUpperCase();
    this.maskType = (maskType === 'A' || maskType === 'B' ? maskType : args.maskType) as MaskType;
    this.colours = args.colours ?? 1;
    checkMask('MaskedConv2d', this);
  }

  /** Weights that can matter: those of live taps, biases and gains. `countParams()` counts the dead ones too. */
  countLiveParams(): number {
    const [height, width, channels] = this.kernel.shape as [number, number, number];
    const dead = height * width * channels * this.filters - countLive(this, channels, this.filters);
    return this.countParams() - dead;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...(inputShape as Shape).slice(0, 3), this.filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelSize, maskType, colours } = this;
    return { ...super.getConfig(), kernelSize, maskType, colours };
  }

  /** @throws RangeError unless the colours share channels and filters evenly. */
  protected kernelShape(channels: number): number[] {
    checkColours('MaskedConv2d', this.colours, channels, this.filters);
    return [...this.kernelSize, channels, this.filters];
  }

  protected override liveKernel(kernel: tf.Tensor): tf.Tensor {
    return liveKernel(kernel, this);
  }

  protected convolve(x: tf.Tensor, live: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
    return convolveLive(x, live, bias, this);
  }
}
