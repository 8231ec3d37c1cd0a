import * as tf from '@tensorflow/tfjs-core';

/** How a window moves over an image: output (i, j) meets rows from strides[0] i - top and columns from strides[1] j - left. */
export interface Offsets {
  readonly top: number;
  readonly left: number;
  readonly strides?: readonly [number, number];
}

/**
 * Convolution whose window stands anywhere beside its pixel, with zeros around the image.
 *
 * x [B, H, W, C], kernel [kh, kw, C, F], bias [F] -> [B, ceil(H / strides[0]), ceil(W / strides[1]), F], as 'same' has it.
 * The convolution itself is a plain dense one; the zeros are its padding, so that nothing is copied, unless the window stands
 * so far before its pixel that the last rows or columns are seen by none.
 */
export function offsetConv2d(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  { top, left, strides = [1, 1] }: Offsets,
): tf.Tensor4D {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const rows = windows(height, kernel.shape[0]!, strides[0], top);
  const columns = windows(width, kernel.shape[1]!, strides[1], left);
  const padding: [number, number][] = [[0, 0], [top, rows.after], [left, columns.after], [0, 0]]; // biome-ignore format: one row
  if (rows.unseen < strides[0] && columns.unseen < strides[1]) return convolve(x, kernel, bias, strides, padding);
  const padded = tf.pad(x, padding);
  const seen = tf.slice(padded, [0, 0, 0, 0], [x.shape[0]!, rows.covered, columns.covered, channels]);
  return convolve(seen, kernel, bias, strides, 'valid');
}

/**
 * The transposed form: x [B, H, W, C], kernel [kh, kw, F, C], bias [F] -> [B, strides[0] H, strides[1] W, F]. Input (i, j) is
 * spread over rows from strides[0] i - top and columns from strides[1] j - left.
 */
export function offsetConv2dTranspose(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  { top, left, strides = [1, 1] }: Offsets,
): tf.Tensor4D {
  const [batch, height, width] = x.shape as [number, number, number];
  const shape: [number, number, number, number] = [batch, strides[0] * height, strides[1] * width, kernel.shape[2]!];
  const padding = [
    [0, 0],
    [top, Math.max(0, kernel.shape[0]! - top - strides[0])],
    [left, Math.max(0, kernel.shape[1]! - left - strides[1])],
    [0, 0],
  ] as tf.backend_util.ExplicitPadding;
  const y = tf.conv2dTranspose(x as tf.Tensor4D, kernel as tf.Tensor4D, shape, [...strides], padding);
  return bias === undefined ? y : tf.add(y, bias);
}

/** Of windows of `taps` that begin `before` rows above the image: how many rows they cover, how many zeros follow the image, how many rows of it no window meets. */
function windows(size: number, taps: number, stride: number, before: number) {
  const covered = (Math.ceil(size / stride) - 1) * stride + taps;
  const rest = covered - before - size;
  return { covered, after: Math.max(0, rest), unseen: Math.max(0, -rest) };
}

function convolve(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | undefined,
  strides: readonly [number, number],
  pad: [number, number][] | 'valid',
): tf.Tensor4D {
  return tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: [...strides],
    pad: pad as 'valid',
    ...(bias === undefined ? {} : { bias }),
  });
}
