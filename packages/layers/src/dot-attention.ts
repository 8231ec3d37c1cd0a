import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type AttentionArgs, AttentionLayer, type MaskKwargs } from './internal/attention-layer.ts';
import { checkScale, shown } from './internal/check.ts';

/** Added to the score of what is not to be seen: its weight is exactly 0 in float32 beside any finite score. */
const HIDDEN = -1e9;

export interface AttentionOptions {
  /** Factor of the scores; 1 / sqrt(D) if omitted. 1 leaves them as they are. */
  readonly scale?: number;
  /** Whether position t sees positions up to t alone; false if omitted. The last positions of queries and keys go together. */
  readonly causal?: boolean;
  /** [B, S], of any type: where it is 0, the position is padding and nobody sees it. */
  readonly mask?: tf.Tensor;
}

/**
 * Dot-product attention: softmax(scale q k^T) v over the positions S.
 *
 * query [B, ..., T, D], key [B, ..., S, D], value [B, ..., S, E] -> [B, ..., T, E]. A query that may see nothing gets zeros. The
 * scores [B, ..., T, S] exist as a whole. Gradients reach query, key and value. Source: Vaswani et al. 2017, arXiv:1706.03762.
 *
 * @throws RangeError if shapes do not fit or the scale is not finite.
 */
export function dotAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  { scale, causal = false, mask }: AttentionOptions = {},
): tf.Tensor {
  checkShapes('dotAttention', query, key, value, mask);
  const factor = scale ?? 1 / Math.sqrt(query.shape.at(-1)!);
  checkScale('dotAttention', factor);
  return tf.tidy(() => {
    const scores = tf.matMul(tf.mul(query, factor), key, false, true); // [B, ..., T, S]
    const seen = visible(scores.shape, causal, mask);
    if (seen === undefined) return tf.matMul(tf.softmax(scores), value);
    const weights = tf.softmax(tf.add(scores, tf.mul(tf.sub(1, seen), HIDDEN)));
    return tf.matMul(tf.mul(weights, seen), value); // zeros where all was hidden
  });
}

/** 1 where a position is seen, 0 where not, of a shape that broadcasts to the scores'; undefined if all are. */
function visible(scores: number[], causal: boolean, mask: tf.Tensor | undefined): tf.Tensor | undefined {
  const [steps, attended] = scores.slice(-2) as [number, number];
  const past = causal ? lowerTriangle(steps, attended) : undefined;
  if (mask === undefined) return past;
  const between = scores.slice(1, -1).map(() => 1);
  const present = tf.reshape(tf.cast(mask, 'float32'), [scores[0]!, ...between, attended]);
  return past === undefined ? present : tf.mul(present, past);
}

/** [T, S]: 1 where s - (S - T) <= t. */
function lowerTriangle(steps: number, attended: number): tf.Tensor2D {
  const triangle = new Float32Array(steps * attended);
  for (let t = 0; t < steps; t++) {
    const end = Math.max(0, attended - steps + t + 1);
    triangle.fill(1, t * attended, t * attended + end);
  }
  return tf.tensor2d(triangle, [steps, attended]);
}

function checkShapes(
  who: string,
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  mask: tf.Tensor | undefined,
): void {
  const [q, k, v] = [query.shape, key.shape, value.shape];
  const lead = (shape: number[], tail: number) => String(shape.slice(0, -tail));
  const fits =
    q.length >= 3 &&
    q.length === k.length &&
    lead(q, 2) === lead(k, 2) &&
    q.at(-1) === k.at(-1) &&
    v.length === k.length &&
    lead(v, 1) === lead(k, 1) &&
    (mask === undefined || String(mask.shape) === String([k[0], k.at(-2)]));
  if (fits) return;
  const got = [query, key, value, ...(mask === undefined ? [] : [mask])].map(({ shape }) => shown(shape)).join(', ');
  throw new RangeError(
    `${who}: query must be [B, ..., T, D], key [B, ..., S, D], value [B, ..., S, E] and a mask [B, S], got ${got}.`,
  );
}

/**
 * `dotAttention` of its inputs, without weights: query [B, T, D], value [B, S, E], key [B, S, D] -> [B, T, E]. `apply(x)` takes x for
 * all three, `apply([query, value])` the value for the key too, as Keras's `Attention` does.
 */
export class DotAttention extends AttentionLayer {
  static className = 'DotAttention'; // saved inside models: renaming it is a breaking change

  /** @throws RangeError if the scale is not finite. */
  constructor(args: AttentionArgs = {}) {
    super(args);
  }

  /** @throws RangeError unless inputs are of rank 3, with features that are known. */
  override build(inputShape: Shape | Shape[]): void {
    this.shapesOf(inputShape);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { mask: handedOn }: MaskKwargs = {}): tf.Tensor {
    const { query, key, value, mask } = this.sorted(inputs, handedOn);
    return dotAttention(query, key, value, this.optionsWith(mask));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query, value] = this.shapesOf(inputShape);
    return [...query.slice(0, 2), value[2]!];
  }
}
