import * as tf from '@tensorflow/tfjs-core';
import { lowerCholesky } from '../constraint.ts';
import type { Shape, Value } from '../distribution.ts';
import { expand } from '../internal/expand.ts';
import { broadcastShape, showShape } from '../internal/shape.ts';
import { diagonal, lowerTriangle, solveTriangular } from '../internal/triangular.ts';
import { Bijector, type BijectorOptions } from './bijector.ts';

/**
 * y = L x of vectors [N], L = `scaleTril` [..., N, N] lower triangular with a positive diagonal. What stands above the
 * diagonal is not read. The inverse reads from the device.
 */
export class ScaleTriL extends Bijector {
  override readonly isAffine = true;
  readonly scaleTril = this.parameters.scaleTril!;

  /** @throws RangeError if the last two axes differ. */
  constructor(scaleTril: Value, options?: BijectorOptions) {
    super('ScaleTriL', 1, { scaleTril: [scaleTril, lowerCholesky] }, options);
    const { shape } = this.scaleTril;
    if (shape.length < 2 || shape.at(-1) !== shape.at(-2)) {
      this.dispose();
      throw new RangeError(`ScaleTriL: scaleTril must end in [N, N], got shape ${showShape(shape)}.`);
    }
  }

  override forwardEventShape(shape: Shape): Shape {
    const n = this.scaleTril.shape.at(-1)!;
    if (shape.at(-1) === n) return shape;
    throw new RangeError(`ScaleTriL: events must end in [${n}], as scaleTril does, got ${showShape(shape)}.`);
  }

  override inverseEventShape(shape: Shape): Shape {
    return this.forwardEventShape(shape);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return tf.sum(tf.mul(lowerTriangle(this.scaleTril), tf.expandDims(x, -2)), -1);
  }

  /** One system for each matrix, however many vectors share it. */
  protected _inverse(y: tf.Tensor): tf.Tensor {
    const n = this.scaleTril.shape.at(-1)!;
    const matrices = this.scaleTril.shape.slice(0, -2);
    const batch = broadcastShape('ScaleTriL', { scaleTril: matrices, value: y.shape.slice(0, -1) });
    const own = batch.length - matrices.length; // axes that only the value has
    const [shared, each] = [batch.slice(0, own), batch.slice(own)];
    const columns = tf.util.sizeFromShape(shared);
    const rows = tf.reshape(expand(y, [...batch, n]), [columns, tf.util.sizeFromShape(each), n]);
    const solved = solveTriangular(this.scaleTril, tf.reshape(tf.transpose(rows, [1, 2, 0]), [...each, n, columns]));
    const back = tf.transpose(tf.reshape(solved, [tf.util.sizeFromShape(each), n, columns]), [2, 0, 1]);
    return tf.reshape(back, [...batch, n]);
  }

  protected _forwardLogDetJacobian(): tf.Tensor {
    return tf.sum(tf.log(diagonal(this.scaleTril)), -1);
  }
}
