import * as tf from '@tensorflow/tfjs-core';
import { log1p } from '../math.ts';
import { differentiableNary } from './differentiable.ts';
import { quotient } from './quotient.ts';

/** log sqrt(x^2 + y^2), both broadcast, not both 0: squares of the two never leave float32's range. */
export const logHypot: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor = /* @__PURE__ */ differentiableNary(
  'logHypot',
  ['x', 'y'],
  ([x, y]) => {
    const { larger, square } = parts(x!, y!);
    return tf.add(tf.log(larger), tf.mul(0.5, log1p(square)));
  },
  [(x, y) => slope(x!, parts(x!, y!)), (x, y) => slope(y!, parts(x!, y!))],
);

interface Parts {
  /** The larger of |x| and |y|. */
  larger: tf.Tensor;
  /** The square of the smaller one over it. */
  square: tf.Tensor;
}

function parts(x: tf.Tensor, y: tf.Tensor): Parts {
  const [a, b] = [tf.abs(x), tf.abs(y)];
  const larger = tf.maximum(a, b);
  return { larger, square: tf.square(quotient(tf.minimum(a, b), larger)) };
}

/** t / (x^2 + y^2). */
const slope = (t: tf.Tensor, { larger, square }: Parts): tf.Tensor =>
  tf.div(tf.div(tf.div(t, larger), tf.add(1, square)), larger);
