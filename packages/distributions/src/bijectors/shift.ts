import * as tf from '@tensorflow/tfjs-core';
import { real } from '../constraint.ts';
import type { Value } from '../distribution.ts';
import { Bijector, type BijectorOptions } from './bijector.ts';
import { Chain } from './chain.ts';

/** y = x + shift. */
export class Shift extends Bijector {
  override readonly isAffine = true;
  readonly shift = this.parameters.shift!;

  constructor(shift: Value, options?: BijectorOptions) {
    super('Shift', 0, { shift: [shift, real] }, options);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.add(x, this.shift);
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return tf.sub(y, this.shift);
  }

  protected _forwardLogDetJacobian(): tf.Tensor {
    return tf.zerosLike(this.shift);
  }

  override get linearPart(): Bijector {
    return new Chain([]);
  }
}
