import type * as tf from '@tensorflow/tfjs-core';
import type { ChangeBatch, Shape } from '../distribution.ts';
import { Bijector, type Carried } from './bijector.ts';

/** The inverse of a bijector, as a bijector: forward and inverse change places. */
export class Invert extends Bijector {
  override readonly isAffine: boolean;
  override readonly parameters: Readonly<Record<string, tf.Tensor>>;

  constructor(readonly bijector: Bijector) {
    super(`Invert(${bijector.name})`, bijector.forwardMinEventRank);
    this.isAffine = bijector.isAffine;
    this.parameters = Object.fromEntries(Object.entries(bijector.parameters).map(([key, t]) => [`bijector.${key}`, t]));
  }

  override forwardEventShape(shape: Shape): Shape {
    return this.bijector.inverseEventShape(shape);
  }

  override inverseEventShape(shape: Shape): Shape {
    return this.bijector.forwardEventShape(shape);
  }

  override batchShape(eventRank: number = this.forwardMinEventRank): Shape {
    return this.bijector.batchShape(eventRank);
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return this.bijector.inverse(x);
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return this.bijector.forward(y);
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return this.bijector.inverseLogDetJacobian(x);
  }

  override push(x: tf.Tensor, eventRank: number): Carried {
    return this.bijector.pull(x, eventRank);
  }

  override pull(y: tf.Tensor, eventRank: number): Carried {
    return this.bijector.push(y, eventRank);
  }

  override get direction(): number | tf.Tensor | undefined {
    return this.bijector.direction;
  }

  override get linearPart(): Bijector {
    return new Invert(this.bijector.linearPart);
  }

  override isSame(other: Bijector): boolean {
    return this.name === other.name && this.bijector.isSame((other as Invert).bijector);
  }

  override mapBatch(change: ChangeBatch, eventRank: number): Bijector {
    return new Invert(this.bijector.mapBatch(change, eventRank));
  }

  override dispose(): void {
    this.bijector.dispose();
  }
}
