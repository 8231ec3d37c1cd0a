import type * as tf from '@tensorflow/tfjs-core';

export const shown = (shape: readonly (number | null)[]): string => `[${shape.join(', ')}]`;

/** @throws RangeError unless it is a positive integer. */
export function checkPositiveInteger(who: string, name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new RangeError(`${who}: ${name} must be a positive integer, got ${value}.`);
  }
}

/** @throws RangeError unless it is an integer from 0 to 2^53 - 1. */
export function checkSeed(who: string, seed: number): void {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(
      `${who}: seed must be a non-negative safe integer, got ${seed}. 0 is an ordinary seed; give each layer its own.`,
    );
  }
}

/** @throws RangeError unless both are positive integers. */
export function checkPair(who: string, name: string, value: readonly number[]): void {
  if (value.length !== 2 || !value.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new RangeError(`${who}: ${name} must be one or two positive integers, got ${shown(value)}.`);
  }
}

/** One number for both axes, or one for each. */
export const pair = (value: number | readonly [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : ([...value] as [number, number]);

/**
 * An image [B, H, W, C], a kernel [kh, kw, C, F] ([kh, kw, F, C] if transposed) and a bias [F].
 * @throws RangeError if their shapes do not fit.
 */
export function checkConvolution(
  who: string,
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  transposed = false,
): void {
  const [channels, filters] = transposed ? [kernel.shape[3], kernel.shape[2]] : [kernel.shape[2], kernel.shape[3]];
  const biasFits = bias === undefined || (bias.shape.length === 1 && bias.shape[0] === filters);
  if (x.shape.length === 4 && kernel.shape.length === 4 && x.shape[3] === channels && biasFits) return;
  const got = [x, kernel, ...(bias === undefined ? [] : [bias])].map(({ shape }) => shown(shape)).join(', ');
  throw new RangeError(
    `${who}: x must be [B, H, W, C], the kernel [kh, kw, ${transposed ? 'F, C' : 'C, F'}] and a bias [F], got ${got}.`,
  );
}

/** @throws RangeError if a layer without weight normalisation is to start from data. */
export function demandWeightNorm(who: string, useWeightNorm: boolean): void {
  if (!useWeightNorm) {
    throw new RangeError(`${who}: initializeFromData sets the gain, which needs useWeightNorm: true.`);
  }
}

/** @throws RangeError unless it is a finite number. */
export function checkScale(who: string, scale: number): void {
  if (!Number.isFinite(scale)) {
    throw new RangeError(`${who}: scale must be a finite number, got ${scale}. Omit it to use 1 / sqrt(D).`);
  }
}
