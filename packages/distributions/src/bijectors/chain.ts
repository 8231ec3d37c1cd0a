import * as tf from '@tensorflow/tfjs-core';
import type { ChangeBatch, Shape } from '../distribution.ts';
import { broadcastShape } from '../internal/shape.ts';
import { Bijector, type Carried } from './bijector.ts';

/** The composition of bijectors, applied from right to left: Chain([f, g]).forward(x) = f(g(x)). None: the identity. */
export class Chain extends Bijector {
  override readonly isAffine: boolean;
  override readonly parameters: Readonly<Record<string, tf.Tensor>>;

  constructor(readonly bijectors: readonly Bijector[]) {
    super(
      `Chain(${bijectors.map(({ name }) => name).join(', ')})`,
      Math.max(0, ...bijectors.map((b) => b.forwardMinEventRank)),
    );
    this.isAffine = bijectors.every((b) => b.isAffine);
    const entries = bijectors.flatMap(({ parameters }, i) =>
      Object.entries(parameters).map(([key, t]) => [`bijectors.${i}.${key}`, t] as const),
    );
    this.parameters = Object.fromEntries(entries);
  }

  override forwardEventShape(shape: Shape): Shape {
    return this.bijectors.reduceRight((s, b) => b.forwardEventShape(s), shape);
  }

  override inverseEventShape(shape: Shape): Shape {
    return this.bijectors.reduce((s, b) => b.inverseEventShape(s), shape);
  }

  override batchShape(eventRank: number = this.forwardMinEventRank): Shape {
    const shapes = this.bijectors.map((b, i) => [`bijectors.${i}`, b.batchShape(eventRank)] as const);
    return broadcastShape(this.name, Object.fromEntries(shapes));
  }

  protected _forward(x: tf.Tensor): tf.Tensor {
    return this.bijectors.reduceRight((t, b) => b.forward(t), tf.clone(x));
  }

  protected _inverse(y: tf.Tensor): tf.Tensor {
    return this.bijectors.reduce((t, b) => b.inverse(t), tf.clone(y));
  }

  protected _forwardLogDetJacobian(x: tf.Tensor): tf.Tensor {
    return this.push(x, this.forwardMinEventRank).logDet;
  }

  override push(x: tf.Tensor, eventRank: number): Carried {
    return carry(x, eventRank, [...this.bijectors].reverse(), (b, t) => b.push(t, eventRank));
  }

  override pull(y: tf.Tensor, eventRank: number): Carried {
    return carry(y, eventRank, this.bijectors, (b, t) => b.pull(t, eventRank));
  }

  override get direction(): number | tf.Tensor | undefined {
    return this.bijectors.reduce<Direction>((sign, b) => product(sign, b.direction), 1);
  }

  override get linearPart(): Bijector {
    return new Chain(this.bijectors.map((b) => b.linearPart));
  }

  override isSame(other: Bijector): boolean {
    if (this.name !== other.name) return false;
    const { bijectors } = other as Chain;
    return this.bijectors.length === bijectors.length && this.bijectors.every((b, i) => b.isSame(bijectors[i]!));
  }

  override mapBatch(change: ChangeBatch, eventRank: number): Bijector {
    return new Chain(this.bijectors.map((b) => b.mapBatch(change, eventRank)));
  }

  override dispose(): void {
    for (const b of this.bijectors) b.dispose();
  }
}

type Direction = number | tf.Tensor | undefined;

function product(a: Direction, b: Direction): Direction {
  if (a === undefined || b === undefined) return undefined;
  return typeof a === 'number' && typeof b === 'number' ? a * b : tf.mul(a, b);
}

/** Step by step. The first that leaves what is reached decides on the side, turned round if the steps before it fall. */
function carry(
  from: tf.Tensor,
  eventRank: number,
  bijectors: readonly Bijector[],
  step: (b: Bijector, t: tf.Tensor) => Carried,
): Carried {
  let carried: Carried = { value: tf.clone(from), logDet: tf.zeros(from.shape.slice(0, from.rank - eventRank)) };
  let rising: Direction = 1;
  for (const b of bijectors) {
    const { value, logDet, outside } = step(b, carried.value);
    const before = carried.outside;
    const side = outside === undefined ? undefined : tf.mul(rising ?? 1, outside);
    const first =
      side !== undefined && before !== undefined
        ? tf.add(before, tf.mul(tf.sub(1, tf.abs(before)), side))
        : (side ?? before);
    carried = { value, logDet: tf.add(carried.logDet, logDet), ...(first === undefined ? {} : { outside: first }) };
    rising = product(rising, b.direction);
  }
  return carried;
}
