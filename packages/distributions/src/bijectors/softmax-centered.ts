import * as tf from '@tensorflow/tfjs-core';
import { simplex } from '../constraint.ts';
import type { Shape } from '../distribution.ts';
import { constant } from '../internal/constant.ts';
import { showShape } from '../internal/shape.ts';
import { Bijector } from './bijector.ts';

/**
 * y = softmax([x, 0]): vectors [N] onto the inside of the simplex in [N + 1].
 *
 * The log-determinant is sum(log y) + log(N + 1) / 2, as in TFP: sqrt(N + 1) prod(y) is how the map scales volume on the
 * plane in which the simplex lies. A density with respect to N of the N + 1 numbers, such as the Dirichlet's, is larger
 * by that sqrt(N + 1).
 */
export class SoftmaxCentered extends Bijector {
  constructor() {
    super('SoftmaxCentered', 1);
  }

  override forwardEventShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), shape.at(-1)! + 1];
  }

  override inverseEventShape(shape: Shape): Shape {
    const n = shape.at(-1)!;
    if (n >= 2) return [...shape.slice(0, -1), n - 1];
    throw new RangeError(
      `SoftmaxCentered: points of a simplex have at least 2 numbers, got events of ${showShape(shape)}.`,
    );
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.softmax(withZero(x));
  }

  /** log y_i - log y_{N+1}. */
  protected _inverse(y: tf.Tensor): tf.Tensor {
    const [first, last] = tf.split(tf.log(y), [y.shape.at(-1)! - 1, 1], y.rank - 1);
    return tf.sub(first!, last!);
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return tf.add(tf.sum(tf.logSoftmax(withZero(x)), -1), 0.5 * Math.log(x.shape.at(-1)! + 1));
  }

  protected override _inverseLogDetJacobian(y: tf.Tensor): tf.Tensor {
    return tf.neg(tf.add(tf.sum(tf.log(y), -1), 0.5 * Math.log(y.shape.at(-1)!)));
  }

  protected override _outside(y: tf.Tensor): tf.Tensor {
    const inside = (t: tf.Tensor) => tf.logicalAnd(simplex.check(t), tf.all(tf.greater(t, 0), -1));
    return constant((t) => tf.cast(tf.logicalNot(inside(t)), 'float32'))(y);
  }
}

const withZero = (x: tf.Tensor): tf.Tensor => tf.concat([x, tf.zeros([...x.shape.slice(0, -1), 1])], x.rank - 1);
