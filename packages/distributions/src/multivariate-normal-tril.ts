import * as tf from '@tensorflow/tfjs-core';
import { lowerCholesky, realVector } from './constraint.ts';
import { type DistributionOptions, ParametricDistribution, type Shape, type Value } from './distribution.ts';
import { expand } from './internal/expand.ts';
import { showShape } from './internal/shape.ts';
import { diagonal, lowerTriangle, solveTriangular } from './internal/triangular.ts';
import { standardNormal } from './standard.ts';

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Normal distribution of vectors [N] with mean `loc` [..., N] and covariance L L', L = `scaleTril` [..., N, N] lower
 * triangular with a positive diagonal. What stands above the diagonal is not read. A `loc` of [1] stands for N equal means.
 *
 * logProb and klDivergence read L back from the device: the triangular systems are solved on the host.
 */
export class MultivariateNormalTriL extends ParametricDistribution<[number]> {
  readonly eventShape: [number];
  readonly reparameterized = true;
  readonly support = realVector;
  readonly loc = this.parameters.loc!;
  readonly scaleTril = this.parameters.scaleTril!;

  /** @throws RangeError if scaleTril is not square or the parameters' shapes do not broadcast. */
  constructor(loc: Value, scaleTril: Value, options?: DistributionOptions) {
    super('MultivariateNormalTriL', { loc: [loc, realVector], scaleTril: [scaleTril, lowerCholesky] }, options);
    const [rows, columns] = this.scaleTril.shape.slice(-2) as [number, number];
    const n = this.loc.shape.at(-1);
    if (rows !== columns || (n !== 1 && n !== rows)) {
      const { loc: l, scaleTril: s } = this;
      this.dispose();
      throw new RangeError(
        `${this.name}: scaleTril must end in [N, N] and loc in [N], got scaleTril ${showShape(s.shape)} and loc ` +
          `${showShape(l.shape)}.`,
      );
    }
    this.eventShape = [rows];
  }

  /** `loc + L eps`. */
  protected _sample(sampleShape: Shape, seed: number): tf.Tensor {
    const [n] = this.eventShape;
    const [draws, batch] = [tf.util.sizeFromShape(sampleShape), tf.util.sizeFromShape(this.batchShape)];
    const eps = tf.reshape(standardNormal([...sampleShape, ...this.fullShape], seed), [draws, batch, n]);
    const scale = tf.reshape(expand(this.lower(), [...this.batchShape, n, n]), [batch, n, n]);
    const scaled = tf.matMul(tf.transpose(eps, [1, 0, 2]), scale, false, true); // [batch, draws, n]
    const shaped = tf.reshape(tf.transpose(scaled, [1, 0, 2]), [...sampleShape, ...this.fullShape]);
    return tf.add(this.loc, shaped);
  }

  protected _logProb(value: tf.Tensor): tf.Tensor {
    const quadratic = tf.mul(-0.5, this.squaredDistance(tf.sub(value, this.loc)));
    return tf.sub(quadratic, tf.add(this.logDet(), (this.eventShape[0] * LOG_2PI) / 2));
  }

  protected override _mean(): tf.Tensor {
    return this.loc;
  }

  protected override _mode(): tf.Tensor {
    return this.loc;
  }

  protected override _variance(): tf.Tensor {
    return tf.sum(tf.square(this.lower()), -1);
  }

  protected override _covariance(): tf.Tensor {
    const lower = this.lower();
    return tf.matMul(lower, lower, false, true);
  }

  /** log det L + N (1 + log 2 pi) / 2. */
  protected override _entropy(): tf.Tensor {
    return tf.add(this.logDet(), (this.eventShape[0] * (1 + LOG_2PI)) / 2);
  }

  /** With M = Lq^-1 Lp: (|M|^2 - N + |Lq^-1 (mq - mp)|^2) / 2 - log det M. */
  protected override _klDivergence(other: MultivariateNormalTriL): tf.Tensor {
    const ratio = tf.sum(tf.square(solveTriangular(other.lower(), this.lower())), [-2, -1]);
    const shift = other.squaredDistance(tf.sub(this.loc, other.loc));
    const quadratic = tf.mul(0.5, tf.add(tf.sub(ratio, this.eventShape[0]), shift));
    return tf.add(quadratic, tf.sub(other.logDet(), this.logDet()));
  }

  private lower(): tf.Tensor {
    return lowerTriangle(this.scaleTril);
  }

  private logDet(): tf.Tensor {
    return tf.sum(tf.log(diagonal(this.scaleTril)), -1);
  }

  /** |L^-1 offset|^2, shape [...] of an offset [..., N]. */
  private squaredDistance(offset: tf.Tensor): tf.Tensor {
    const vector = expand(offset, [...offset.shape.slice(0, -1), ...this.eventShape]);
    return tf.sum(tf.square(solveTriangular(this.scaleTril, tf.expandDims(vector, -1))), [-2, -1]);
  }
}
