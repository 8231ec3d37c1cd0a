import * as tf from '@tensorflow/tfjs-core';
import { log1mexp, softplusInverse } from '../math.ts';
import { Bijector } from './bijector.ts';

/** y = log(1 + exp(x)), onto the positive numbers. In float32 it is 0 from x = -104. */
export class Softplus extends Bijector {
  protected override readonly image = [0, Number.POSITIVE_INFINITY] as const;

  constructor() {
    super('Softplus', 0);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.softplus(x);
  }

  /** log(exp(y) - 1). */
  protected _inverse(y: tf.Tensor): tf.Tensor {
    return softplusInverse(y);
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return tf.neg(tf.softplus(tf.neg(x)));
  }

  protected override _inverseLogDetJacobian(y: tf.Tensor): tf.Tensor {
    return tf.neg(log1mexp(y));
  }
}
