import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { dotAttention } from './dot-attention.ts';
import { type AttentionArgs, AttentionLayer, type MaskKwargs } from './internal/attention-layer.ts';
import { checkPositiveInteger } from './internal/check.ts';
import { LinearMap, type WeightArgs, WeightOptions } from './internal/linear-map.ts';
import { projectedSteps } from './recurrent/sequence.ts';

/** Options of `MultiHeadAttention`. */
export interface MultiHeadAttentionArgs extends AttentionArgs, Omit<WeightArgs, 'useWeightNorm'> {
  /** How many heads, N. */
  heads: number;
  /** Features of a head's queries and keys, H; if omitted the query's divided by `heads`. */
  headSize?: number;
  /** Features of a head's values; `headSize` if omitted. */
  valueSize?: number;
  /** Features of the output; the query's if omitted. */
  outputSize?: number;
}

/**
 * Attention by several heads: each projects queries, keys and values, attends, and all results are projected together.
 *
 * Inputs are those of `DotAttention`: a query [B, T, D], a value and a key [B, S, ...] -> [B, T, outputSize]. Kernels are
 * [D, N H] (Keras's [D, N, H] reshaped), in the order query, key, value, output, each followed by its bias.
 * Source: Vaswani et al. 2017, arXiv:1706.03762.
 */
export class MultiHeadAttention extends AttentionLayer {
  static className = 'MultiHeadAttention'; // saved inside models: renaming it is a breaking change
  readonly heads: number;
  readonly headSize: number | undefined;
  readonly valueSize: number | undefined;
  readonly outputSize: number | undefined;
  private readonly options: WeightOptions;
  private maps!: Record<'query' | 'key' | 'value' | 'output', LinearMap>;

  /** @throws RangeError if a size or an initialiser is not one. */
  constructor(args: MultiHeadAttentionArgs) {
    super(args);
    const { heads, headSize, valueSize, outputSize } = args;
    for (const [name, size] of Object.entries({ heads, headSize, valueSize, outputSize })) {
      if (size != null || name === 'heads') checkPositiveInteger('MultiHeadAttention', name, size!);
    }
    this.heads = heads;
    this.headSize = headSize ?? undefined; // null in a saved model, as the next two
    this.valueSize = valueSize ?? undefined;
    this.outputSize = outputSize ?? undefined;
    this.options = new WeightOptions('MultiHeadAttention', args);
  }

  /** @throws RangeError unless inputs are of rank 3, with features that are known and, without `headSize`, shared by the heads. */
  override build(inputShape: Shape | Shape[]): void {
    const [query, value, key] = this.shapesOf(inputShape);
    const { heads } = this;
    const features = query[2]!;
    if (this.headSize === undefined && features % heads !== 0) {
      throw new RangeError(
        `MultiHeadAttention: D must be a multiple of heads, got D = ${features} and heads = ${heads}. Set headSize.`,
      );
    }
    const headSize = this.headSize ?? features / heads;
    const valueSize = this.valueSize ?? headSize;
    const map = (prefix: string, from: number, to: number) =>
      new LinearMap({
        prefix,
        kernelShape: [from, to],
        run: projectedSteps,
        options: this.options,
        addWeight: (name, size, initializer) => this.addWeight(name, size, 'float32', initializer),
      });
    this.maps = {
      query: map('query', features, heads * headSize),
      key: map('key', key[2]!, heads * headSize),
      value: map('value', value[2]!, heads * valueSize),
      output: map('output', heads * valueSize, this.outputSize ?? features),
    };
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { mask: handedOn }: MaskKwargs = {}): tf.Tensor {
    return tf.tidy(() => {
      const { mask, ...from } = this.sorted(inputs, handedOn);
      const apart = (name: 'query' | 'key' | 'value') => this.split(this.maps[name].apply(from[name]));
      const attended = dotAttention(apart('query'), apart('key'), apart('value'), this.optionsWith(mask)); // [B, N, T, H]
      const [batch, heads, steps, size] = attended.shape as [number, number, number, number];
      const together = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch, steps, heads * size]);
      return this.maps.output.apply(together);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query] = this.shapesOf(inputShape);
    return [...query.slice(0, 2), this.outputSize ?? query[2]!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { heads, headSize = null, valueSize = null, outputSize = null } = this;
    const { useWeightNorm: _, ...weights } = this.options.config();
    return { ...super.getConfig(), heads, headSize, valueSize, outputSize, ...weights };
  }

  /** [B, T, N H] -> [B, N, T, H]. */
  private split(x: tf.Tensor): tf.Tensor {
    const [batch, steps, features] = x.shape as [number, number, number];
    return tf.transpose(tf.reshape(x, [batch, steps, this.heads, features / this.heads]), [0, 2, 1, 3]);
  }
}
