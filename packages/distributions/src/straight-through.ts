import * as tf from '@tensorflow/tfjs-core';
import { sameShape, showShape } from './internal/shape.ts';

/**
 * `hard`, with the gradient of `soft`: exactly the discrete values forward, the relaxation backward. Of one shape both.
 * `straightThrough(tf.oneHot(tf.argMax(y, -1), K), y)` makes a straight-through draw of a relaxed one, y [..., K].
 *
 * Source: Bengio, Leonard & Courville 2013, arXiv:1308.3432; for relaxed draws Jang, Gu & Poole 2017, arXiv:1611.01144.
 *
 * @throws RangeError if the shapes differ.
 */
export function straightThrough(hard: tf.Tensor, soft: tf.Tensor): tf.Tensor {
  if (!sameShape(hard.shape, soft.shape)) {
    throw new RangeError(
      `straightThrough: hard and soft must have one shape, got ${showShape(hard.shape)} and ${showShape(soft.shape)}.`,
    );
  }
  return tf.tidy(() =>
    tf.customGrad(() => ({
      value: hard.dtype === soft.dtype ? tf.clone(hard) : tf.cast(hard, soft.dtype),
      gradFunc: (dy: tf.Tensor) => tf.clone(dy),
    }))(soft),
  );
}
