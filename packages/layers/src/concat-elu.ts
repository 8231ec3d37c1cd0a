import * as tf from '@tensorflow/tfjs-core';

/** Kernel of `@proj/backend`: the same in one pass. */
const FUSED = 'ProjConcatElu';

/**
 * elu of x and of -x side by side: [..., D] -> [..., 2D]. No information is lost where elu alone is flat.
 * Source: Salimans et al. 2017 (PixelCNN++), arXiv:1701.05517, after Shang et al. 2016, arXiv:1603.05201.
 */
export function concatElu<T extends tf.Tensor>(x: T): T {
  if (x.dtype === 'float32' && tf.getKernel(FUSED, tf.getBackend()) !== undefined) {
    return tf.engine().runKernel(FUSED, { x }) as T;
  }
  return tf.tidy(() => tf.elu(tf.concat([x, tf.neg(x)], -1)));
}
