import * as tf from '@tensorflow/tfjs-core';
import { sumTo } from './sum-to.ts';

const LARGEST = 3.4e38; // of float32

/**
 * x / scale, both broadcast. The gradient of tf.div squares the scale, which leaves float32's range from 1e-19 and 1e19 on;
 * this one is as good as the quotient itself.
 */
export function quotient(x: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  return tf.tidy(() =>
    tf.customGrad((...args) => {
      const save = args.pop() as tf.GradSaveFunc;
      save(args as tf.Tensor[]);
      return {
        value: tf.div(args[0] as tf.Tensor, args[1] as tf.Tensor),
        gradFunc: (dy: tf.Tensor, [a, b]: tf.Tensor[]) => {
          const slope = quotient(dy, b!);
          const value = tf.clipByValue(quotient(a!, b!), -LARGEST, LARGEST); // where dy is 0 the gradient is, too
          return [sumTo(slope, a!.shape), sumTo(tf.neg(quotient(tf.mul(dy, value), b!)), b!.shape)];
        },
      };
    })(x, scale),
  );
}
