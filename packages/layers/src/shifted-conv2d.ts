import type * as tf from '@tensorflow/tfjs-core';
import { tidy } from '@tensorflow/tfjs-core';
import { checkConvolution, checkPair, pair } from './internal/check.ts';
import { offsetConv2d, offsetConv2dTranspose } from './internal/offset-conv.ts';

/** 'down': rows down to the pixel's own, columns on both sides of it. 'down-right': besides, no column right of it. */
export type ShiftDirection = 'down' | 'down-right';

export interface ShiftedConvOptions {
  readonly direction: ShiftDirection;
  /** Steps of the window, one number or [down, right]; 1 if omitted. */
  readonly strides?: number | readonly [number, number];
}

export interface ShiftedConv2dOptions extends ShiftedConvOptions {
  /** Rows from the lowest and columns from the last that stay hidden: [1, 0] hides the pixel's own row. [0, 0] if omitted. */
  readonly shift?: readonly [number, number];
}

/**
 * Convolution that sees a pixel, the rows above it, and, with 'down-right', no column to its right: all taps are live, where a
 * masked one stores dead ones.
 *
 * x [B, H, W, C], kernel [kh, kw, C, F], bias [F] or none -> [B, ceil(H / strides), ceil(W / strides), F], with zeros around:
 * output (i, j) meets rows i' - kh + 1 to i' and columns j' - (kw - 1) / 2 to j' + (kw - 1) / 2 ('down', kw odd) or
 * j' - kw + 1 to j' ('down-right'), where (i', j') = strides (i, j) - shift. Gradients reach x, kernel and bias.
 * Source: Salimans et al. 2017 (PixelCNN++), arXiv:1701.05517, section 2.3; they pad and shift in separate operations.
 *
 * @throws RangeError if shapes do not fit, or kw is even and the direction 'down'.
 */
export function shiftedConv2d(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  { direction, strides = 1, shift = [0, 0] }: ShiftedConv2dOptions,
): tf.Tensor4D {
  checkConvolution('shiftedConv2d', x, kernel, bias);
  const steps = pair(strides);
  checkWindow('shiftedConv2d', kernel.shape as [number, number], direction, steps);
  checkShift('shiftedConv2d', shift);
  const [height, width] = kernel.shape as [number, number];
  const top = height - 1 + shift[0];
  const left = (direction === 'down' ? (width - 1) / 2 : width - 1) + shift[1];
  return tidy(() => offsetConv2d(x, kernel, bias, { top, left, strides: steps }));
}

/**
 * The way back up: a transposed convolution that stays causal beside a `shiftedConv2d` of the same strides.
 *
 * x [B, H, W, C], kernel [kh, kw, F, C], bias [F] or none -> [B, strides H, strides W, F]: input (i, j) is spread over rows
 * from i' = strides i and columns from j' = strides j ('down-right') or j' - (kw - 1) / 2 ('down', kw odd). So output (i', j')
 * meets inputs of rows up to i' / strides, and with 'down-right' of columns up to j' / strides.
 *
 * @throws RangeError if shapes do not fit, or kw is even and the direction 'down'.
 */
export function shiftedConv2dTranspose(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  { direction, strides = 1 }: ShiftedConvOptions,
): tf.Tensor4D {
  checkConvolution('shiftedConv2dTranspose', x, kernel, bias, true);
  const steps = pair(strides);
  const [height, width] = kernel.shape as [number, number];
  checkWindow('shiftedConv2dTranspose', [height, width], direction, steps);
  const left = direction === 'down' ? (width - 1) / 2 : 0;
  return tidy(() => offsetConv2dTranspose(x, kernel, bias, { top: 0, left, strides: steps }));
}

function checkWindow(
  who: string,
  [height, width]: readonly number[],
  direction: ShiftDirection,
  strides: readonly number[],
): void {
  if (direction !== 'down' && direction !== 'down-right') {
    throw new RangeError(`${who}: direction must be "down" or "down-right", got "${direction}".`);
  }
  if (direction === 'down' && width! % 2 === 0) {
    throw new RangeError(
      `${who}: with direction "down" the kernel's width must be odd, so that there is a centre, got ${height} x ${width}.`,
    );
  }
  checkPair(who, 'strides', strides);
}

function checkShift(who: string, shift: readonly number[]): void {
  if (shift.length !== 2 || !shift.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new RangeError(`${who}: shift must be [down, right], integers from 0, got [${shift.join(', ')}].`);
  }
}
