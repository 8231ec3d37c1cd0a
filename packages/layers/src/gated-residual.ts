import * as tf from '@tensorflow/tfjs-core';
import { shown } from './internal/check.ts';
import { runFused } from './internal/run-fused.ts';

/**
 * The gate at the end of a residual branch: x + a sigmoid(b), where a and b are the halves of h along the last axis.
 *
 * x [..., D], h [..., 2D] -> [..., D]. Source: Salimans et al. 2017 (PixelCNN++), arXiv:1701.05517; van den Oord et al. 2016,
 * arXiv:1606.05328.
 *
 * @throws RangeError if h is not twice as wide as x.
 */
export function gatedResidual<T extends tf.Tensor>(x: T, h: tf.Tensor): T {
  const features = x.shape.at(-1);
  const fits =
    h.shape.length === x.shape.length && h.shape.every((n, i) => n === x.shape[i] || i === x.shape.length - 1);
  if (features === undefined || !fits || h.shape.at(-1) !== 2 * features) {
    throw new RangeError(
      `gatedResidual: x must be [..., D] and h [..., 2D], got ${shown(x.shape)} and ${shown(h.shape)}.`,
    );
  }
  const isFloat = x.dtype === 'float32' && h.dtype === 'float32';
  const fused = isFloat ? runFused('ProjGatedResidual', { x, h }, {}) : undefined;
  if (fused !== undefined) return fused[0] as T;
  return tf.tidy(() => {
    const [a, b] = tf.split(h, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.add(x, tf.mul(a, tf.sigmoid(b))) as T;
  });
}
