import * as tf from '@tensorflow/tfjs-core';
import { Distribution, type SampleOptions, type Shape } from './distribution.ts';
import { sameShape } from './internal/shape.ts';

/**
 * The last axes of a batch of distributions, read as one event: logProb, entropy and KL are summed over them.
 * `new Independent(new Normal(loc, scale), 1)` with loc and scale [B, Z] is B diagonal Gaussians over [Z].
 */
export class Independent extends Distribution {
  readonly name = 'Independent';
  readonly reparameterized: boolean;
  readonly batchShape: Shape;
  readonly eventShape: Shape;

  /** @throws RangeError unless `reinterpretedBatchRank` is an integer from 0 to the rank of the base's batch. */
  constructor(
    readonly base: Distribution,
    readonly reinterpretedBatchRank: number,
  ) {
    super();
    const batch = base.batchShape;
    if (
      !(
        Number.isInteger(reinterpretedBatchRank) &&
        reinterpretedBatchRank >= 0 &&
        reinterpretedBatchRank <= batch.length
      )
    ) {
      throw new RangeError(
        `Independent: reinterpretedBatchRank must be an integer from 0 to ${batch.length}, the rank of the batch shape ` +
          `[${batch.join(', ')}] of ${base.name}, got ${reinterpretedBatchRank}.`,
      );
    }
    const split = batch.length - reinterpretedBatchRank;
    this.reparameterized = base.reparameterized;
    this.batchShape = batch.slice(0, split);
    this.eventShape = [...batch.slice(split), ...base.eventShape];
  }

  sample(options?: SampleOptions): tf.Tensor {
    return this.base.sample(options);
  }

  /**
   * Log density of whole events; the leading axes of `value` broadcast against batchShape.
   *
   * @throws RangeError unless the last axes of `value` are those of an event.
   */
  logProb(value: tf.Tensor): tf.Tensor {
    const tail = value.shape.slice(value.rank - this.eventShape.length);
    if (value.rank < this.eventShape.length || !sameShape(tail, this.eventShape)) {
      throw new RangeError(
        `Independent.logProb: value must end in the event shape [${this.eventShape.join(', ')}], got [${value.shape.join(', ')}].`,
      );
    }
    return tf.tidy(() => this.sumEvent(this.base.logProb(value)));
  }

  override mean(): tf.Tensor {
    return this.base.mean();
  }

  override variance(): tf.Tensor {
    return this.base.variance();
  }

  override stddev(): tf.Tensor {
    return this.base.stddev();
  }

  override mode(): tf.Tensor {
    return this.base.mode();
  }

  override entropy(): tf.Tensor {
    return tf.tidy(() => this.sumEvent(this.base.entropy()));
  }

  /**
   * KL(this || other), shape = broadcast of both batch shapes.
   *
   * @throws TypeError if `other` is no Independent or the bases have no formula, RangeError if the events differ in shape.
   */
  override klDivergence(other: Distribution): tf.Tensor {
    if (!isIndependent(other)) throw this.noKl(other);
    if (!sameShape(this.eventShape, other.eventShape) || this.reinterpretedBatchRank !== other.reinterpretedBatchRank) {
      throw new RangeError(
        `klDivergence: the events of both must have one shape and come from as many batch axes, got p.eventShape ` +
          `[${this.eventShape.join(', ')}] of ${this.reinterpretedBatchRank} and q.eventShape ` +
          `[${other.eventShape.join(', ')}] of ${other.reinterpretedBatchRank}.`,
      );
    }
    return tf.tidy(() => this.sumEvent(this.base.klDivergence(other.base)));
  }

  private sumEvent(perElement: tf.Tensor): tf.Tensor {
    const { rank } = perElement;
    const axes = Array.from({ length: this.reinterpretedBatchRank }, (_, i) => rank - 1 - i);
    return axes.length === 0 ? tf.clone(perElement) : tf.sum(perElement, axes);
  }
}

/** By name, not by class: the ESM and the CJS copy of this package may meet in one program. */
const isIndependent = (d: Distribution): d is Independent => d.name === 'Independent';
