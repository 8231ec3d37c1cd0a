import * as tf from '@tensorflow/tfjs-core';
import { runFused } from './internal/run-fused.ts';

/**
 * elu of x and of -x side by side: [..., D] -> [..., 2D]. No information is lost where elu alone is flat.
 * Source: Salimans et al. 2017 (PixelCNN++), arXiv:1701.05517, after Shang et al. 2016, arXiv:1603.05201.
 */
export function concatElu<T extends tf.Tensor>(x: T): T {
  const fused = x.dtype === 'float32' ? runFused('ProjConcatElu', { x }, {}) : undefined;
  return (fused?.[0] ?? tf.tidy(() => tf.elu(tf.concat([x, tf.neg(x)], -1)))) as T;
}
