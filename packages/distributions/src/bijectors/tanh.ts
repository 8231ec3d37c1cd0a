import * as tf from '@tensorflow/tfjs-core';
import { log1p } from '../math.ts';
import { Bijector } from './bijector.ts';

/** y = tanh(x), onto (-1, 1). In float32 it is 1 or -1 from |x| = 9: the inverse is then infinite. */
export class Tanh extends Bijector {
  protected override readonly image = [-1, 1] as const;

  constructor() {
    super('Tanh', 0);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.tanh(x);
  }

  /** (log(1 + y) - log(1 - y)) / 2. */
  protected _inverse(y: tf.Tensor): tf.Tensor {
    return tf.mul(0.5, tf.sub(log1p(y), log1p(tf.neg(y))));
  }

  /** log(1 - tanh(x)^2) = 2 (log 2 - |x| - softplus(-2 |x|)). */
  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    const size = tf.abs(x);
    return tf.mul(2, tf.sub(tf.sub(Math.LN2, size), tf.softplus(tf.mul(-2, size))));
  }

  protected override _inverseLogDetJacobian(y: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(log1p(y), log1p(tf.neg(y))));
  }
}
