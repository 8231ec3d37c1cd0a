import * as tf from '@tensorflow/tfjs-core';
import { nonzeroVector } from '../constraint.ts';
import type { Shape, Value } from '../distribution.ts';
import { constant } from '../internal/constant.ts';
import { showShape } from '../internal/shape.ts';
import { Bijector, type BijectorOptions } from './bijector.ts';

/**
 * y = (I - 2 v v' / v' v) x, the reflection of vectors [N] in the plane to which `v` [..., N] is normal. It is its own
 * inverse, and its log-determinant is 0. The length of v does not matter; v = 0, with validateArgs an error, leaves x as it is.
 *
 * Several in a `Chain` make a Householder flow. Source: Tomczak & Welling 2016, arXiv:1611.09630.
 */
export class Householder extends Bijector {
  override readonly isAffine = true;
  readonly v = this.parameters.v!;

  constructor(v: Value, options?: BijectorOptions) {
    super('Householder', 1, { v: [v, nonzeroVector] }, options);
  }

  override forwardEventShape(shape: Shape): Shape {
    const n = this.v.shape.at(-1)!;
    if (shape.at(-1) === n) return shape;
    throw new RangeError(`Householder: events must end in [${n}], as v does, got ${showShape(shape)}.`);
  }

  override inverseEventShape(shape: Shape): Shape {
    return this.forwardEventShape(shape);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    // The largest element made 1: squares neither overflow nor vanish. The map does not depend on the length.
    const largest = constant((t) => tf.max(tf.abs(t), -1, true))(this.v);
    const none = constant((t) => tf.cast(tf.equal(t, 0), 'float32'))(largest); // 1 where v is 0, which else gave 0 / 0
    const v = tf.div(this.v, tf.add(largest, none));
    const along = tf.div(tf.sum(tf.mul(x, v), -1, true), tf.add(tf.sum(tf.square(v), -1, true), none));
    return tf.sub(x, tf.mul(2, tf.mul(v, along)));
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return this._forward(y);
  }

  protected _forwardLogDetJacobian(): tf.Tensor {
    return tf.zeros(this.v.shape.slice(0, -1));
  }
}
