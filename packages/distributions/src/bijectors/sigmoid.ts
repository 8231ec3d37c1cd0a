import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../internal/constant.ts';
import { log1p } from '../math.ts';
import { Bijector } from './bijector.ts';

/** y = 1 / (1 + exp(-x)), onto (0, 1). In float32 it is 1 from x = 17: the inverse is then infinite. */
export class Sigmoid extends Bijector {
  protected override readonly image = [0, 1] as const;

  constructor() {
    super('Sigmoid', 0);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.sigmoid(x);
  }

  /** log y - log(1 - y), the logarithms near 1/2 as one: their difference would lose digits. */
  protected _inverse(y: tf.Tensor): tf.Tensor {
    const middle = tf.clipByValue(y, 0.25, 0.75);
    const near = log1p(tf.div(tf.sub(tf.mul(2, middle), 1), tf.sub(1, middle)));
    const isNear = constant((t, m) => tf.equal(t, m))(y, middle);
    return tf.where(isNear, near, tf.sub(tf.log(y), log1p(tf.neg(y))));
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(tf.softplus(tf.neg(x)), tf.softplus(x)));
  }

  protected override _inverseLogDetJacobian(y: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(tf.log(y), log1p(tf.neg(y))));
  }
}
