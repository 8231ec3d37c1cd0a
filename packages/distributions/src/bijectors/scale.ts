import * as tf from '@tensorflow/tfjs-core';
import { nonzero } from '../constraint.ts';
import type { Value } from '../distribution.ts';
import { constant } from '../internal/constant.ts';
import { Bijector, type BijectorOptions } from './bijector.ts';

/** y = scale x; a negative scale turns the order round, 0 is no bijector. */
export class Scale extends Bijector {
  override readonly isAffine = true;
  readonly scale = this.parameters.scale!;

  constructor(scale: Value, options?: BijectorOptions) {
    super('Scale', 0, { scale: [scale, nonzero] }, options);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.scale);
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return tf.div(y, this.scale);
  }

  protected _forwardLogDetJacobian(): tf.Tensor {
    return tf.log(tf.abs(this.scale));
  }

  override get direction(): tf.Tensor {
    return constant(tf.sign)(this.scale);
  }
}
