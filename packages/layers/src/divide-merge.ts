import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkPositiveInteger, shown } from './internal/check.ts';
import type { LayerArgs } from './internal/layer-args.ts';
import { onlyInput } from './internal/only-input.ts';

/** Both axes count in the result, which with `insert` has one more; negative ones count from its end. */
export interface DivideOptions {
  /** The axis that becomes `factor` times shorter. */
  readonly inputAxis: number;
  /** The axis that becomes `factor` times longer. */
  readonly outputAxis: number;
  readonly factor: number;
  /** Whether `outputAxis` is new, and so `factor` long; false if omitted. */
  readonly insert?: boolean;
}

/**
 * Moves a factor from one axis to another, keeping the order of the numbers: `divide(x [12, 5], { inputAxis: 0, outputAxis: 1,
 * factor: 4, insert: true })` is [3, 4, 5], groups of 4 rows.
 *
 * @throws RangeError if an axis is not there, both are the same, or the factor does not divide the axis.
 */
export function divide(x: tf.Tensor, options: DivideOptions): tf.Tensor {
  const shape = dividedShape('divide', x.shape, options);
  return tf.tidy(() => tf.reshape(x, shape as number[]));
}

export interface MergeOptions {
  readonly leftAxis: number;
  readonly rightAxis: number;
  /** Whether the product stands where the left axis was, or the right one; true if omitted. */
  readonly left?: boolean;
}

/**
 * Makes one axis of two, keeping the order of the numbers: `merge(x [3, 4, 5], { leftAxis: 1, rightAxis: 2 })` is [3, 20].
 *
 * @throws RangeError if an axis is not there, or both are the same.
 */
export function merge(x: tf.Tensor, options: MergeOptions): tf.Tensor {
  const shape = mergedShape('merge', x.shape, options);
  return tf.tidy(() => tf.reshape(x, shape as number[]));
}

function dividedShape(
  who: string,
  shape: Shape,
  { inputAxis, outputAxis, factor, insert = false }: DivideOptions,
): Shape {
  checkPositiveInteger(who, 'factor', factor);
  const rank = shape.length + (insert ? 1 : 0);
  const [from, to] = [axisOf(who, 'inputAxis', inputAxis, rank), axisOf(who, 'outputAxis', outputAxis, rank)];
  checkApart(who, from, to);
  const result = [...shape];
  if (insert) result.splice(to, 0, 1);
  const [source, target] = [result[from] ?? null, result[to] ?? null];
  if (source !== null && source % factor !== 0) {
    throw new RangeError(
      `${who}: ${factor} does not divide axis ${inputAxis} of ${shown(shape)}. Pad it to a multiple.`,
    );
  }
  result[from] = source === null ? null : source / factor;
  result[to] = target === null ? null : target * factor;
  return result;
}

function mergedShape(who: string, shape: Shape, { leftAxis, rightAxis, left = true }: MergeOptions): Shape {
  const [a, b] = [axisOf(who, 'leftAxis', leftAxis, shape.length), axisOf(who, 'rightAxis', rightAxis, shape.length)];
  checkApart(who, a, b);
  const [first, second] = [shape[a] ?? null, shape[b] ?? null];
  const result = [...shape];
  result[left ? a : b] = first === null || second === null ? null : first * second;
  result.splice(left ? b : a, 1);
  return result;
}

function axisOf(who: string, name: string, axis: number, rank: number): number {
  if (!(Number.isInteger(axis) && -rank <= axis && axis < rank)) {
    throw new RangeError(`${who}: ${name} must be an integer from ${-rank} to ${rank - 1}, got ${axis}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

function checkApart(who: string, a: number, b: number): void {
  if (a === b) throw new RangeError(`${who}: the two axes must differ, got axis ${a} twice.`);
}

/** `divide` as a layer; axis 0 is the batch, which it may divide too. */
export class Divide extends layers.Layer {
  static className = 'Divide'; // saved inside models: renaming it is a breaking change
  readonly options: Required<DivideOptions>;

  /** @throws RangeError if the factor is not a positive integer. */
  constructor(args: LayerArgs & DivideOptions) {
    super(args);
    const { inputAxis, outputAxis, factor, insert = false } = args;
    checkPositiveInteger('Divide', 'factor', factor);
    this.options = { inputAxis, outputAxis, factor, insert };
  }

  /** @throws RangeError if an axis is not there, or the factor does not divide it. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyInput(inputs);
    return tf.tidy(() => tf.reshape(x, dividedShape('Divide', x.shape, this.options) as number[]));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return dividedShape('Divide', inputShape as Shape, this.options);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}

/** `merge` as a layer; axis 0 is the batch, which it may merge too. */
export class Merge extends layers.Layer {
  static className = 'Merge'; // saved inside models: renaming it is a breaking change
  readonly options: Required<MergeOptions>;

  constructor(args: LayerArgs & MergeOptions) {
    super(args);
    const { leftAxis, rightAxis, left = true } = args;
    this.options = { leftAxis, rightAxis, left };
  }

  /** @throws RangeError if an axis is not there, or both are the same. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyInput(inputs);
    return tf.tidy(() => tf.reshape(x, mergedShape('Merge', x.shape, this.options) as number[]));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return mergedShape('Merge', inputShape as Shape, this.options);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
