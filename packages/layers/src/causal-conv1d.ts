import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { checkPositiveInteger, shown } from './internal/check.ts';
import { ConvLayer, type ConvLayerArgs } from './internal/conv-layer.ts';
import type { Run } from './internal/linear-map.ts';
import { offsetConv2d } from './internal/offset-conv.ts';

export interface CausalConv1dOptions {
  /** Steps from one tap to the next; 1 if omitted. */
  readonly dilation?: number;
  /** How many of the latest steps stay hidden: 1 hides a step from itself, for the first layer of a net that predicts it. 0 if omitted. */
  readonly shift?: number;
}

/**
 * Convolution along time that sees no later step.
 *
 * x [B, T, C], kernel [k, C, F], bias [F] or none -> [B, T, F], with zeros before the start:
 * y_t = sum over taps i of x_(t - shift - (k - 1 - i) dilation) kernel_i + bias. Gradients reach x, kernel and bias, dilated too.
 * Source: van den Oord et al. 2016 (WaveNet), arXiv:1609.03499.
 *
 * @throws RangeError if shapes do not fit or an option is not one.
 */
export function causalConv1d(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  { dilation = 1, shift = 0 }: CausalConv1dOptions = {},
): tf.Tensor3D {
  const [taps, channels, filters] = kernel.shape as [number, number, number];
  const biasFits = bias === undefined || (bias.shape.length === 1 && bias.shape[0] === filters);
  if (x.shape.length !== 3 || kernel.shape.length !== 3 || x.shape[2] !== channels || !biasFits) {
    const got = [x, kernel, ...(bias === undefined ? [] : [bias])].map(({ shape }) => shown(shape)).join(', ');
    throw new RangeError(`causalConv1d: x must be [B, T, C], the kernel [k, C, F] and a bias [F], got ${got}.`);
  }
  checkOptions('causalConv1d', dilation, shift);
  const [batch, steps] = x.shape as [number, number];
  return tf.tidy(() => {
    // Step t stands at row t / dilation, column t % dilation of an image: down a column, steps are `dilation` apart.
    const rows = Math.ceil(steps / dilation);
    const moved = shift === 0 && rows * dilation === steps ? x : laidOut(x, shift, rows * dilation);
    const image = tf.reshape(moved, [batch, rows, dilation, channels]);
    const y = offsetConv2d(image, tf.reshape(kernel, [taps, 1, channels, filters]), bias, { top: taps - 1, left: 0 });
    const sequence = tf.reshape(y, [batch, rows * dilation, filters]) as tf.Tensor3D;
    return rows * dilation === steps ? sequence : tf.slice(sequence, [0, 0, 0], [batch, steps, filters]);
  });
}

/** x [B, T, C] with `before` zeros in front, and zeros behind or steps cut off to make it `length` long. */
function laidOut(x: tf.Tensor, before: number, length: number): tf.Tensor {
  const [batch, steps, channels] = x.shape as [number, number, number];
  const none: [number, number] = [0, 0];
  const padded = tf.pad(x, [none, [before, Math.max(0, length - before - steps)], none]);
  return tf.slice(padded, [0, 0, 0], [batch, length, channels]);
}

function checkOptions(who: string, dilation: number, shift: number): void {
  checkPositiveInteger(who, 'dilation', dilation);
  if (!(Number.isSafeInteger(shift) && shift >= 0)) {
    throw new RangeError(`${who}: shift must be an integer from 0, got ${shift}.`);
  }
}

/** Options of `CausalConv1d`. */
export interface CausalConv1dArgs extends ConvLayerArgs, CausalConv1dOptions {
  /** Taps of the kernel. */
  kernelSize: number;
}

/** `causalConv1d` with its weights: [B, T, C] -> [B, T, filters]. */
export class CausalConv1d extends ConvLayer {
  static className = 'CausalConv1d'; // saved inside models: renaming it is a breaking change
  readonly kernelSize: number;
  readonly dilation: number;
  readonly shift: number;
  protected readonly inputForm = '[B, T, C]';

  /** @throws RangeError if a size or an initialiser is not one. */
  constructor(args: CausalConv1dArgs) {
    super(args);
    this.kernelSize = args.kernelSize;
    this.dilation = args.dilation ?? 1;
    this.shift = args.shift ?? 0;
    checkPositiveInteger('CausalConv1d', 'kernelSize', this.kernelSize);
    checkOptions('CausalConv1d', this.dilation, this.shift);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...(inputShape as Shape).slice(0, 2), this.filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kernelSize, dilation, shift } = this;
    return { ...super.getConfig(), kernelSize, dilation, shift };
  }

  protected mapForm(channels: number) {
    const run: Run = (x, kernel, bias) => causalConv1d(x, kernel, bias, this);
    return { kernelShape: [this.kernelSize, channels, this.filters], run };
  }
}
