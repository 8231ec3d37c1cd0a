import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-entropy of pixels in [0, 1] under Bernoulli logits, in nats, summed over the pixels: [B, D], [B, D] -> [B].
 *
 *   sum over D of softplus(l) - x l;  its gradient is sigmoid(l) - x
 * Minus the log-likelihood where the pixels are 0 or 1. The gradient is written down because differentiating the
 * forward formula would take three times the passes over the images. It reaches the logits alone, not the pixels.
 * An engine that has the kernel `ProjSigmoidCrossEntropy` (see `@proj/backend`) does both in one pass.
 */
export function sigmoidCrossEntropy(x: tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor1D {
  const isFused = tf.getKernel(FUSED, tf.getBackend()) !== undefined;
  const gradient = tf.engine().isTapeOn(); // nobody asks for it in evaluation; inside customGrad the tape is hidden
  return tf.customGrad(isFused ? onePass(x, gradient) : plain(x))(logits) as tf.Tensor1D;
}

const FUSED = 'ProjSigmoidCrossEntropy';

type Custom = Parameters<typeof tf.customGrad>[0];

const onePass =
  (x: tf.Tensor2D, gradient: boolean): Custom =>
  (logits, save) => {
    const [value, slope] = tf.engine().runKernel<tf.Tensor[]>(FUSED, { x, logits: logits as tf.Tensor }, { gradient });
    if (slope) (save as tf.GradSaveFunc)([slope]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(tf.expandDims(dy, -1), saved!);
    return { value: value!, gradFunc };
  };

const plain =
  (x: tf.Tensor2D): Custom =>
  (logits, save) => {
    const l = logits as tf.Tensor;
    (save as tf.GradSaveFunc)([l, x]); // x too: it may be made, and tidied away, inside the gradient
    const value = tf.sum(tf.sub(tf.softplus(l), tf.mul(x, l)), -1);
    const gradFunc = (dy: tf.Tensor, [savedLogits, savedX]: tf.Tensor[]) =>
      tf.mul(tf.expandDims(dy, -1), tf.sub(tf.sigmoid(savedLogits!), savedX!));
    return { value, gradFunc };
  };
