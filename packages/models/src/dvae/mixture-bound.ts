import type { Distribution } from '@proj/distributions';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The ELBO of q~, the equal mixture of m posteriors, for each of B images: [B], in nats.
 *
 *   (1 / m) sum over i of log p(x, z_i) - log q~(z_i),   z_i ~ q_i,   q~ = (1 / m) sum over j of q_j
 * with a draw from every component (stratified): of the same mean as one draw from a component drawn at random, and of less variance.
 *
 * `posteriors` has the batch [m B], the m of one image being B apart; `logJoint` gives log p(x, z), [B], of codes [B, ...event].
 */
export function mixtureBound(
  posteriors: Distribution,
  m: number,
  logJoint: (z: tf.Tensor) => tf.Tensor,
  seed: number,
): tf.Tensor1D {
  return tf.tidy(() => {
    const draws = tf.split(posteriors.sample({ seed }), m); // m times [B, ...event]
    const terms = draws.map((z) =>
      tf.tidy(() => {
        const toAll = tf.tile(z, [m, ...z.shape.slice(1).fill(1)]); // [m B, ...event]
        const each = tf.reshape(posteriors.logProb(toAll), [m, -1]);
        const logMixture = tf.sub(tf.logSumExp(each, 0), Math.log(m)); // [B]
        return tf.sub(logJoint(z), logMixture);
      }),
    );
    return tf.mean(tf.stack(terms), 0);
  });
}
