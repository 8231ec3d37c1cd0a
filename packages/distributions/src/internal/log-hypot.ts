import * as tf from '@tensorflow/tfjs-core';
import { log1p } from '../math.ts';
import { quotient } from './quotient.ts';
import { sumTo } from './sum-to.ts';

/** log sqrt(x^2 + y^2), both broadcast, not both 0: squares of the two never leave float32's range. */
export const logHypot = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  tf.tidy(() =>
    tf.customGrad((...args) => {
      const save = args.pop() as tf.GradSaveFunc;
      const [a, b] = args as tf.Tensor[];
      save([a!, b!]);
      const { larger, rest } = parts(a!, b!);
      return {
        value: tf.add(tf.log(larger), tf.mul(0.5, log1p(rest))),
        gradFunc: (dy: tf.Tensor, [a, b]: tf.Tensor[]) => {
          const { larger, rest } = parts(a!, b!);
          const slope = (t: tf.Tensor) => tf.div(tf.div(tf.div(t, larger), tf.add(1, rest)), larger);
          return [a!, b!].map((t) => sumTo(tf.mul(dy, slope(t)), t.shape));
        },
      };
    })(x, y),
  );

/** The larger of |x| and |y|, and the square of their ratio, at most 1. */
function parts(x: tf.Tensor, y: tf.Tensor): { larger: tf.Tensor; rest: tf.Tensor } {
  const [a, b] = [tf.abs(x), tf.abs(y)];
  const larger = tf.maximum(a, b);
  return { larger, rest: tf.square(quotient(tf.minimum(a, b), larger)) };
}
