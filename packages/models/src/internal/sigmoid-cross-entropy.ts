import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-entropy of pixels in [0, 1] under Bernoulli logits, in nats, summed over the pixels: [B, D], [B, D] -> [B].
 *
 *   sum over D of softplus(l) - x l;  its gradient is sigmoid(l) - x
 * Minus the log-likelihood where the pixels are 0 or 1. The gradient is written down because differentiating the
 * forward formula would take three times the passes over the images. It reaches the logits alone, not the pixels.
 */
export function sigmoidCrossEntropy(x: tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor1D {
  const op = tf.customGrad((l, save) => {
    (save as tf.GradSaveFunc)([l as tf.Tensor, x]); // x too: it may be made, and tidied away, inside the gradient
    const value = tf.sum(tf.sub(tf.softplus(l as tf.Tensor), tf.mul(x, l as tf.Tensor)), -1);
    const gradFunc = (dy: tf.Tensor, [savedLogits, savedX]: tf.Tensor[]) =>
      tf.mul(tf.expandDims(dy, -1), tf.sub(tf.sigmoid(savedLogits!), savedX!));
    return { value, gradFunc };
  });
  return op(logits) as tf.Tensor1D;
}
