import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { shown } from '../internal/check.ts';
import { inputShapes } from '../internal/input-shapes.ts';

/** What a recurrent layer gives back. */
export interface SequenceForm {
  /** The states after each step, [B, T, H], or the last one alone, [B, H]; false if omitted. */
  readonly returnSequences: boolean;
  /** Whether the last states follow the output; false if omitted. */
  readonly returnState: boolean;
  /** Whether the last input is a padding mask [B, T]; false if omitted. See `RecurrentArgs`. */
  readonly usePaddingMask: boolean;
}

/** What a layer is called with, sorted; `T` is a tensor or its shape. */
interface Inputs<T> {
  readonly x: T;
  readonly states: readonly T[] | undefined;
  readonly mask: T | undefined;
}

/** What comes out of a run: one output or two, as `widths` says, and the last states. */
export interface SequenceResult {
  readonly outputs: tf.Tensor[];
  readonly states: tf.Tensor[];
}

/** Inputs, outputs and masks of layers that run over sequences: [x, ...states, mask] -> [...outputs, ...states]. */
export abstract class SequenceLayer extends layers.Layer {
  abstract readonly form: SequenceForm;
  abstract readonly units: number;
  /** How many states go in and out, [B, H] each. */
  abstract readonly stateCount: number;
  /** Features of each output. */
  protected abstract readonly widths: readonly number[];
  protected abstract makeWeights(features: number): void;
  /** Sequences [B, T, width] or, without `returnSequences`, [B, width]; no two tensors the same. */
  protected abstract run(
    x: tf.Tensor,
    initial: readonly tf.Tensor[] | undefined,
    mask: tf.Tensor | undefined,
  ): SequenceResult;

  /** @throws RangeError unless inputs are x [B, T, D] with a known D, and if you like all states and the mask. */
  override build(inputShape: Shape | Shape[]): void {
    const all = inputShapes(inputShape);
    const { x } = this.sorted(all, shown);
    const features = x[2];
    if (x.length !== 3 || typeof features !== 'number') {
      throw new RangeError(`${this.getClassName()}: x must be [B, T, D] with a known D, got ${shown(x)}.`);
    }
    this.makeWeights(features);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { mask?: tf.Tensor } = {}): tf.Tensor | tf.Tensor[] {
    const all = Array.isArray(inputs) ? inputs : [inputs];
    const { x, states, mask = kwargs.mask ?? undefined } = this.sorted(all, ({ shape }) => shown(shape));
    // tfjs keeps these options for all layers of a model, and would hand the mask to later layers that it is not meant for.
    delete kwargs.mask;
    return tf.tidy(() => {
      const result = this.run(x, states, mask);
      const given = this.form.returnState ? [...result.outputs, ...result.states] : result.outputs;
      return given.length === 1 ? given[0]! : given;
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const [batch, steps] = inputShapes(inputShape)[0]!;
    const { returnSequences, returnState } = this.form;
    const outputs = this.widths.map((width) => (returnSequences ? [batch!, steps!, width] : [batch!, width]));
    const states = Array.from({ length: returnState ? this.stateCount : 0 }, () => [batch!, this.units]);
    const shapes = [...outputs, ...states];
    return shapes.length === 1 ? shapes[0]! : shapes;
  }

  /** The mask that was handed on goes on with the sequences; tfjs wants a mask for each output. */
  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    const { returnSequences, returnState, usePaddingMask } = this.form;
    const own = Array.isArray(mask) ? mask[0] : mask;
    const sequence = returnSequences && !usePaddingMask ? own : undefined;
    const masks = [...this.widths.map(() => sequence), ...(returnState ? Array(this.stateCount).fill(undefined) : [])];
    return (masks.length === 1 ? masks[0] : masks) as tf.Tensor | tf.Tensor[];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.ownConfig() };
  }

  protected abstract ownConfig(): tf.serialization.ConfigDict;

  private sorted<T>(all: readonly T[], show: (one: T) => string): Inputs<T> {
    const { usePaddingMask } = this.form;
    const [x, ...states] = usePaddingMask ? all.slice(0, -1) : all;
    if (x === undefined || (states.length !== 0 && states.length !== this.stateCount)) {
      const mask = usePaddingMask ? ' and the mask [B, T]' : '';
      throw new RangeError(
        `${this.getClassName()}: inputs must be x [B, T, D], if you like states (${this.stateCount} of [B, ${this.units}])${mask}, got ${all.map(show).join(', ')}.`,
      );
    }
    return { x, states: states.length === 0 ? undefined : states, mask: usePaddingMask ? all.at(-1) : undefined };
  }
}
