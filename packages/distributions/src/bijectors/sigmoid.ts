import * as tf from '@tensorflow/tfjs-core';
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

  /** log y - log(1 - y). */
  protected _inverse(y: tf.Tensor): tf.Tensor {
    return tf.sub(tf.log(y), log1p(tf.neg(y)));
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(tf.softplus(tf.neg(x)), tf.softplus(x)));
  }

  protected override _inverseLogDetJacobian(y: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(tf.log(y), log1p(tf.neg(y))));
  }
}
