import type * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import type { AttentionOptions } from '../dot-attention.ts';
import { checkScale, shown } from './check.ts';
import { inputShapes } from './input-shapes.ts';
import type { LayerArgs } from './layer-args.ts';

/** Options that `DotAttention` and `MultiHeadAttention` share. */
export interface AttentionArgs extends LayerArgs {
  /** Factor of the scores; 1 / sqrt(D) if omitted, D features a head. 1 leaves them as they are, as Keras's `Attention` does. */
  scale?: number;
  /** Whether position t sees positions up to t alone; false if omitted. */
  causal?: boolean;
  /**
   * Whether the last input is a padding mask [B, S] of the attended positions, 1 or 0; false if omitted. With one input alone, the
   * mask that layers before hand on (`embedding` with `maskZero`) counts without it.
   */
  usePaddingMask?: boolean;
}

/** What `call` is given, sorted. */
interface Inputs {
  readonly query: tf.Tensor;
  readonly value: tf.Tensor;
  readonly key: tf.Tensor;
  readonly mask: tf.Tensor | undefined;
}

/** What tfjs hands to `call` beside the inputs: masks of the layers before. */
export interface MaskKwargs {
  mask?: tf.Tensor | tf.Tensor[];
}

/** The options and inputs of layers that attend. */
export abstract class AttentionLayer extends layers.Layer {
  readonly scale: number | undefined;
  readonly causal: boolean;
  readonly usePaddingMask: boolean;

  /** @throws RangeError if the scale is not finite. */
  protected constructor(args: AttentionArgs) {
    super(args);
    this.scale = args.scale ?? undefined; // null in a saved model
    if (this.scale !== undefined) checkScale(this.getClassName(), this.scale);
    this.causal = args.causal ?? false;
    this.usePaddingMask = args.usePaddingMask ?? false;
    this.supportsMasking = true; // queries stay where they are
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { scale = null, causal, usePaddingMask } = this;
    return { ...super.getConfig(), scale, causal, usePaddingMask };
  }

  /** The mask of the query goes on; tfjs hands over one for each input. */
  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }

  /** Shapes of query, value and key. @throws RangeError if their number or ranks are wrong. */
  protected shapesOf(inputShape: Shape | Shape[]): [query: Shape, value: Shape, key: Shape] {
    const all = inputShapes(inputShape);
    const shapes = this.usePaddingMask ? all.slice(0, -1) : all;
    const [query, value = query, key = value] = shapes;
    if (shapes.length < 1 || shapes.length > 3 || shapes.some((s) => s.length !== 3 || typeof s[2] !== 'number')) {
      const mask = this.usePaddingMask ? ' and the mask' : '';
      throw new RangeError(
        `${this.getClassName()}: inputs must be a query [B, T, D], if you like a value and a key [B, S, D]${mask}, got ${all.map(shown).join(', ')}.`,
      );
    }
    return [query!, value!, key!];
  }

  protected sorted(inputs: tf.Tensor | tf.Tensor[], handedOn: tf.Tensor | tf.Tensor[] | undefined): Inputs {
    const all = Array.isArray(inputs) ? inputs : [inputs];
    const [query, value = query, key = value] = this.usePaddingMask ? all.slice(0, -1) : all;
    const own = Array.isArray(handedOn) ? handedOn[0] : handedOn;
    const mask = this.usePaddingMask ? all.at(-1) : all.length === 1 ? own : undefined;
    return { query: query!, value: value!, key: key!, mask: mask ?? undefined };
  }

  /** The options of `dotAttention`. */
  protected optionsWith(mask: tf.Tensor | undefined): AttentionOptions {
    const { scale, causal } = this;
    return { causal, ...(scale === undefined ? {} : { scale }), ...(mask === undefined ? {} : { mask }) };
  }
}
