import { layerNormalization } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import type { TokunActivation } from './config.ts';
import type { BlockWeights } from './first-weights.ts';

/** Keras's epsilon. */
const EPSILON = 1e-3;

const SQRT_HALF = Math.SQRT1_2;

const activations: Readonly<Record<TokunActivation, (x: tf.Tensor) => tf.Tensor>> = {
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  relu: tf.relu,
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, SQRT_HALF)), 1)),
  tanh: tf.tanh,
};

/** How the blocks of a network work. */
export interface BlockOptions {
  readonly activation: TokunActivation;
  /** Of the scores; undefined: no attention. */
  readonly scale: number | undefined;
}

/** softmax(scale x x^T) x over the positions of each group, [N, G, D] -> [N, G, D]. */
export function attendWithin(x: tf.Tensor3D, scale: number | undefined): tf.Tensor3D {
  if (scale === undefined) return x;
  const scores = tf.matMul(scale === 1 ? x : tf.mul(x, scale), x, false, true); // [N, G, G]
  return tf.matMul(tf.softmax(scores), x);
}

const dense = (x: tf.Tensor, { kernel, bias }: BlockWeights, { activation }: BlockOptions): tf.Tensor2D =>
  activations[activation](
    tf.fused.matMul({ a: x as tf.Tensor2D, b: kernel as tf.Tensor as tf.Tensor2D, bias }),
  ) as tf.Tensor2D;

const normalized = (x: tf.Tensor, { gamma, beta }: BlockWeights): tf.Tensor =>
  gamma === undefined || beta === undefined ? x : layerNormalization(x, gamma, beta, EPSILON);

/**
 * The first block of the encoder: bytes int32 [N], N a multiple of G -> [N / G, D].
 *
 * Normalisation and positions meet the table of embeddings and not each byte: [G 256, D] rows, one for every byte at every place of a
 * group.
 */
export function embedBytes(
  bytes: tf.Tensor1D,
  embedding: tf.Tensor,
  block: BlockWeights,
  options: BlockOptions,
): tf.Tensor2D {
  const [group, dim] = block.positions.shape as [number, number];
  const [groups, values] = [bytes.size / group, embedding.shape[0]!];
  const table = tf.add(normalized(embedding, block), tf.reshape(block.positions, [group, 1, dim])); // [G, 256, D]
  const places = tf.range(0, group * values, values, 'int32');
  const rows = tf.add(tf.reshape(bytes, [groups, group]), places); // [N / G, G]
  const x = tf.gather(tf.reshape(table, [group * values, dim]) as tf.Tensor, rows) as tf.Tensor3D;
  return dense(tf.reshape(attendWithin(x, options.scale), [groups, group * dim]), block, options);
}

/** A later block of the encoder: [N, D] -> [N / G, D]. */
export function mergeGroups(x: tf.Tensor2D, block: BlockWeights, options: BlockOptions): tf.Tensor2D {
  const [group, dim] = block.positions.shape as [number, number];
  const groups = x.shape[0] / group;
  const placed = tf.add(tf.reshape(normalized(x, block), [groups, group, dim]), block.positions) as tf.Tensor3D;
  return dense(tf.reshape(attendWithin(placed, options.scale), [groups, group * dim]), block, options);
}

/** A block of the decoder: [M, D] -> [M G, D]. */
export function splitGroups(x: tf.Tensor2D, block: BlockWeights, options: BlockOptions): tf.Tensor2D {
  const [group, dim] = block.positions.shape as [number, number];
  const split = tf.reshape(dense(x, block, options), [x.shape[0], group, dim]);
  const attended = attendWithin(tf.add(split, block.positions) as tf.Tensor3D, options.scale);
  return normalized(tf.reshape(attended, [x.shape[0] * group, dim]), block) as tf.Tensor2D;
}
