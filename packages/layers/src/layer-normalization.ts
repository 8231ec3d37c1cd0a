import * as tf from '@tensorflow/tfjs-core';
import { runFused } from './internal/run-fused.ts';

/**
 * Layer normalisation of the last axis, with a gain and an offset for each of its features.
 *
 * x [..., D], gamma and beta [D] -> [..., D]:  y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 * mean and variance (divided by D) are those of the last axis. Source: Ba et al. 2016, arXiv:1607.06450; 1e-3 is Keras's epsilon.
 *
 * One pass forward and one backward where the engine has `ProjLayerNorm`.
 *
 * @throws RangeError if the shapes do not fit or epsilon is not positive.
 */
export function layerNormalization<T extends tf.Tensor>(x: T, gamma: tf.Tensor, beta: tf.Tensor, epsilon = 1e-3): T {
  check(x, gamma, beta, epsilon);
  return tf.tidy(() => {
    const features = x.shape.at(-1)!;
    const rows = tf.reshape(x, [x.size / features, features]);
    const fused = runFused('ProjLayerNorm', { x: rows, gamma, beta }, { epsilon });
    return (fused === undefined ? inOperations(x, gamma, beta, epsilon) : tf.reshape(fused[0], x.shape)) as T;
  });
}

function inOperations(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true); // [..., 1]
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gamma), beta);
}

function check(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): void {
  const features = x.shape.at(-1) ?? 0;
  if (features === 0 || [gamma, beta].some(({ shape }) => shape.length !== 1 || shape[0] !== features)) {
    const got = [x, gamma, beta].map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new RangeError(
      `layerNormalization: x must be [..., D], D from 1, gamma and beta [D], got ${got}. Give a number for each feature.`,
    );
  }
  // Written so that NaN fails too.
  if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`layerNormalization: epsilon must be positive, got ${epsilon}. Omit it to use 1e-3.`);
  }
}
