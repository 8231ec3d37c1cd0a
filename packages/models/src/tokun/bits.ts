import * as tf from '@tensorflow/tfjs-core';

const BITS = 8;
const BYTES = 256;

/** Bits of every byte, [256, 8], the most significant first. */
const bitTable = (): Float32Array =>
  Float32Array.from({ length: BYTES * BITS }, (_, i) => ((i >> 3) >> (7 - (i & 7))) & 1);

/** Bits 0 and 1 of bytes int32 of any shape, the most significant first: [bytes, 8]. */
export const bitsOfBytes = (bytes: tf.Tensor): tf.Tensor2D =>
  tf.tidy(() => tf.gather(tf.tensor2d(bitTable(), [BYTES, BITS]), tf.reshape(bytes, [bytes.size])) as tf.Tensor2D);

/** The likeliest bytes of logits [..., 8 T], the most significant bit first: int32 [..., T]. */
export function bytesOfBits(logits: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const bits = tf.cast(tf.greater(tf.reshape(logits, [-1, BITS]), 0), 'int32');
    const values = tf.sum(tf.mul(bits, tf.tensor1d([128, 64, 32, 16, 8, 4, 2, 1], 'int32')), -1);
    return tf.cast(tf.reshape(values, [...logits.shape.slice(0, -1), logits.shape.at(-1)! / BITS]), 'int32');
  });
}
