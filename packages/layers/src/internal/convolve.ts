import * as tf from '@tensorflow/tfjs-core';

/** Zeros before and after each axis of [B, H, W, C]. */
export type Padding = tf.backend_util.ExplicitPadding;

/** An input of so few channels is an image, and nobody asks for the gradient by it. */
const FEW = 4;

/** Convolution and bias: [B, H, W, C], [kh, kw, C, F], [F] or none -> [B, H', W', F]. */
export function convolve(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  pad: 'same' | 'valid' | Padding,
  strides: readonly [number, number] = [1, 1],
): tf.Tensor4D {
  const [image, filter, steps] = [x as tf.Tensor4D, kernel as tf.Tensor4D, [...strides] as [number, number]];
  // In one with its bias a convolution is faster, but then tfjs works out all of its gradients, wanted or not.
  if (bias !== undefined && x.shape[3]! > FEW) return tf.fused.conv2d({ x: image, filter, strides: steps, pad, bias });
  const y = tf.conv2d(image, filter, steps, pad);
  return bias === undefined ? y : tf.add(y, bias);
}

/** A convolution of stride 1, zero-padded: [B, H, W, C] -> [B, H, W, F]. */
export const convolveSame = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor =>
  convolve(x, kernel, bias, 'same');
