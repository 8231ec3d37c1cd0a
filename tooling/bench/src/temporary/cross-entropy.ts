import * as tf from '@tensorflow/tfjs-core';

export function denseCrossEntropy(x: tf.Tensor, w: any, labels: tf.Tensor, { mask }: any = {}) {
  const flat = tf.reshape(x, [-1, x.shape.at(-1)!]);
  const lp = tf.logSoftmax(tf.add(tf.matMul(flat as any, w.kernel), w.bias));
  const picked = tf.neg(
    tf.sum(tf.mul(lp, tf.cast(tf.oneHot(tf.reshape(labels, [-1]) as any, w.bias.size), 'float32')), -1),
  );
  if (!mask) return tf.mean(picked);
  const m = tf.reshape(mask, [-1]);
  return tf.div(tf.sum(tf.mul(picked, m)), tf.sum(m));
}
