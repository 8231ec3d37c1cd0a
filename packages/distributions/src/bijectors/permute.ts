import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../distribution.ts';
import { showShape } from '../internal/shape.ts';
import { Bijector } from './bijector.ts';

/** y[i] = x[permutation[i]] of vectors [N]. */
export class Permute extends Bijector {
  override readonly isAffine = true;
  private readonly undone: readonly number[];

  /** @throws RangeError unless `permutation` has each of 0 .. N - 1 once. */
  constructor(readonly permutation: readonly number[]) {
    super('Permute', 1);
    const undone = permutation.map((_, i) => permutation.indexOf(i));
    if (undone.includes(-1)) {
      throw new RangeError(
        `Permute: permutation must hold each of 0 to ${permutation.length - 1} once, got [${permutation.join(', ')}].`,
      );
    }
    this.undone = undone;
  }

  override forwardEventShape(shape: Shape): Shape {
    if (shape.at(-1) === this.permutation.length) return shape;
    throw new RangeError(`Permute: events must end in [${this.permutation.length}], got ${showShape(shape)}.`);
  }

  override inverseEventShape(shape: Shape): Shape {
    return this.forwardEventShape(shape);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return permute(x, this.permutation, this.undone);
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return permute(y, this.undone, this.permutation);
  }

  protected _forwardLogDetJacobian(): tf.Tensor {
    return tf.scalar(0);
  }

  override isSame(other: Bijector): boolean {
    return super.isSame(other) && this.permutation.join() === (other as Permute).permutation.join();
  }
}

/** The last axis in another order; the gradient is put back in order (tf.gather's needs a kernel that wasm lacks). */
function permute(x: tf.Tensor, order: readonly number[], undone: readonly number[]): tf.Tensor {
  return tf.customGrad((t) => ({
    // On wasm tf.gather gives an empty tensor another shape.
    value:
      x.size === 0 ? tf.clone(t as tf.Tensor) : tf.gather(t as tf.Tensor, tf.tensor1d([...order], 'int32'), x.rank - 1),
    gradFunc: (dy: tf.Tensor) => permute(dy, undone, order),
  }))(x);
}
