import * as tf from '@tensorflow/tfjs-core';
import type { CompleteConfig } from './config.ts';

/** A value and its condition, checked, broadcast and as the network takes them. */
export interface Inputs {
  /** Leading axes of value and condition, broadcast; B is their product. */
  readonly lead: number[];
  /** Integers from low to high, [B, H, W, C]. */
  readonly images: tf.Tensor4D;
  /** The same on [-1, 1]. */
  readonly rescaled: tf.Tensor4D;
  /** [B, n], or [1, n] if it is the same for all. */
  readonly conditional: tf.Tensor2D | undefined;
}

/** How far a value may be from an integer: what scaling bytes to [0, 1] and back does to them is far less. */
const TOLERANCE = 1e-3;

/** @throws RangeError if shapes do not fit or a value is not a level. Reads from the device. */
export function inputsOf(who: string, config: CompleteConfig, value: tf.Tensor, condition?: tf.Tensor): Inputs {
  const own = leadOfImages(who, 'value', config, value);
  const leadOfCondition = checkCondition(who, config, condition);
  const lead = broadcastLead(who, own, leadOfCondition);
  checkLevels(who, config, value);
  const images = tf.reshape(stretch(tf.round(tf.cast(value, 'float32')), own, lead), [
    -1,
    ...config.imageShape,
  ]) as tf.Tensor4D;
  return {
    lead,
    images,
    rescaled: rescale(images, config),
    conditional: condition && flatCondition(condition, leadOfCondition, lead),
  };
}

/** Levels on [-1, 1]. */
export function rescale<T extends tf.Tensor>(levels: T, { low, high }: CompleteConfig): T {
  return tf.tidy(() => tf.sub(tf.mul(levels, 2 / (high - low)), (high + low) / (high - low)) as T);
}

/** The axes before [H, W, C]. */
export function leadOfImages(who: string, what: string, { imageShape }: CompleteConfig, value: tf.Tensor): number[] {
  const { shape, dtype } = value;
  const split = shape.length - 3;
  if (split < 0 || !imageShape.every((n, i) => shape[split + i] === n)) {
    throw new RangeError(
      `${who}: ${what} must end in [${imageShape.join(', ')}], height, width and channels, got [${shape.join(', ')}]. ` +
        'Reshape or resize it, or build the model with another imageShape.',
    );
  }
  if (dtype !== 'float32' && dtype !== 'int32') {
    throw new TypeError(`${who}: ${what} must be float32 or int32, got ${dtype}. Cast it.`);
  }
  return shape.slice(0, split);
}

/** @throws RangeError that names the first number that is no level. */
export function checkLevels(who: string, { low, high }: CompleteConfig, value: tf.Tensor): void {
  for (const x of value.dataSync()) {
    const level = Math.round(x);
    if (level >= low && level <= high && Math.abs(x - level) <= TOLERANCE) continue;
    const problem = x >= low && x <= high ? 'Round it' : 'Rescale it';
    throw new RangeError(
      `${who}: a value must be an integer from ${low} to ${high}, got ${x}. ${problem}, or build the model with another low and high.`,
    );
  }
}

/** The axes before those of one condition. */
export function checkCondition(
  who: string,
  { conditionalShape: expected }: CompleteConfig,
  condition: tf.Tensor | undefined,
): number[] {
  if (expected === undefined) {
    if (condition === undefined) return [];
    throw new RangeError(
      `${who}: this model has no conditional input. Leave conditional out, or set conditionalShape.`,
    );
  }
  const shape = condition?.shape;
  const split = shape === undefined ? -1 : shape.length - expected.length;
  if (shape === undefined || split < 0 || !expected.every((n, i) => shape[split + i] === n)) {
    const got = shape === undefined ? 'nothing' : `[${shape.join(', ')}]`;
    throw new RangeError(
      `${who}: conditional must end in [${expected.join(', ')}], got ${got}. Leading axes are for several conditions.`,
    );
  }
  return shape.slice(0, split);
}

/** [n] of each condition, one row if they are all the same one. */
export function flatCondition(condition: tf.Tensor, own: readonly number[], lead: readonly number[]): tf.Tensor2D {
  const count = own.reduce((product, n) => product * n, 1);
  return tf.tidy(() => {
    const stretched = count === 1 ? condition : stretch(condition, own, lead);
    const rows = count === 1 ? 1 : lead.reduce((product, n) => product * n, 1);
    return tf.cast(tf.reshape(stretched, [rows, stretched.size / rows]), 'float32') as tf.Tensor2D;
  });
}

function broadcastLead(who: string, images: readonly number[], conditions: readonly number[]): number[] {
  const rank = Math.max(images.length, conditions.length);
  return Array.from({ length: rank }, (_, i) => {
    const a = images[i - rank + images.length] ?? 1;
    const b = conditions[i - rank + conditions.length] ?? 1;
    if (a === b || a === 1 || b === 1) return a === 1 ? b : a;
    throw new RangeError(
      `${who}: leading axes must broadcast, got [${images.join(', ')}] of the images and [${conditions.join(', ')}] of conditional. ` +
        'Give each image one condition, or all of them the same.',
    );
  });
}

/** Broadcasts the leading axes `own` of a tensor to `lead`. */
function stretch(t: tf.Tensor, own: readonly number[], lead: readonly number[]): tf.Tensor {
  return own.join() === lead.join() ? t : tf.broadcastTo(t, [...lead, ...t.shape.slice(own.length)]);
}
