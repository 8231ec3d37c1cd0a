import * as tf from '@tensorflow/tfjs-core';
import { Bijector } from './bijector.ts';

/** y = exp(x), onto the positive numbers. In float32 it is infinite from x = 88.7 and 0 from -104. */
export class Exp extends Bijector {
  protected override readonly image = [0, Number.POSITIVE_INFINITY] as const;

  constructor() {
    super('Exp', 0);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.exp(x);
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return tf.log(y);
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return tf.clone(x);
  }
}
