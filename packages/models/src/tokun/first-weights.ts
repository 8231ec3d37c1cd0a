import { foldIn, uniform } from '@proj/distributions/random';
import { glorotUniform } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { normalQuantile } from '../internal/normal-quantile.ts';
import type { TokunAutoencoderConfig } from './config.ts';

/** Byte values. */
export const BYTES = 256;

/** One block of the encoder (G positions to one) or of the decoder (one position to G). */
export interface BlockWeights {
  /** Layer normalisation, [D] each; absent without it. */
  readonly gamma?: tf.Variable;
  readonly beta?: tf.Variable;
  /** [G, D]. */
  readonly positions: tf.Variable;
  /** Encoder [G D, D], decoder [D, G D]. */
  readonly kernel: tf.Variable;
  readonly bias: tf.Variable;
}

export interface Weights {
  /** [256, D]. */
  readonly embedding: tf.Variable;
  readonly encoder: readonly BlockWeights[];
  readonly decoder: readonly BlockWeights[];
  readonly head: { readonly kernel: tf.Variable<tf.Rank.R2>; readonly bias: tf.Variable<tf.Rank.R1> };
}

/** Standard deviation of a standard normal cut off at 2 of its own, and the probability below that. */
const TRUNCATED = 0.87962566103423978;
const TAIL = 0.022750131948179195;

/**
 * Keras's glorotNormal for a kernel [positions, features]: a normal cut off at 2 standard deviations, rescaled so that what is left has
 * standard deviation sqrt(2 / (positions + features)).
 */
export function glorotNormal(positions: number, features: number, seed: number): Float32Array {
  const stddev = Math.sqrt(2 / (positions + features)) / TRUNCATED;
  return uniform(positions * features, seed).map((u) => stddev * normalQuantile(TAIL + u * (1 - 2 * TAIL)));
}

/** First weights as in Keras: kernels and embedding Glorot uniform, positions Glorot normal, biases zeros. */
export function firstWeights({ groups, dim, normalization, seed }: Required<TokunAutoencoderConfig>): Weights {
  let drawn = 0;
  const kernel = (rows: number, columns: number) =>
    tf.variable(tf.tensor2d(glorotUniform([rows, columns], foldIn(seed, drawn++)), [rows, columns]));
  const zeros = (size: number) => tf.variable(tf.zeros<tf.Rank.R1>([size]));
  const block = (group: number, rows: number, columns: number): BlockWeights => ({
    ...(normalization ? { gamma: tf.variable(tf.ones([dim])), beta: zeros(dim) } : {}),
    positions: tf.variable(tf.tensor2d(glorotNormal(group, dim, foldIn(seed, drawn++)), [group, dim])),
    kernel: kernel(rows, columns),
    bias: zeros(columns),
  });
  const make = (): Weights => ({
    embedding: kernel(BYTES, dim),
    encoder: groups.map((group) => block(group, group * dim, dim)),
    decoder: [...groups].reverse().map((group) => block(group, dim, group * dim)),
    head: { kernel: kernel(dim, BYTES), bias: zeros(BYTES) },
  });
  let made: Weights;
  tf.tidy(() => {
    made = make(); // variables outlive it
  });
  return made!;
}

/** All of them by their stable names: encoder/embedding, encoder/block1/kernel, ..., decoder/head/bias. */
export function nameWeights({ embedding, encoder, decoder, head }: Weights): Record<string, tf.Variable> {
  const named = (prefix: string, block: Readonly<Record<string, tf.Variable>>) =>
    Object.entries(block).map(([name, weight]) => [`${prefix}/${name}`, weight] as const);
  const blocks = (part: string, list: readonly BlockWeights[]) =>
    list.flatMap((block, i) => named(`${part}/block${i + 1}`, { ...block }));
  return Object.fromEntries([
    ['encoder/embedding', embedding],
    ...blocks('encoder', encoder),
    ...blocks('decoder', decoder),
    ...named('decoder/head', head),
  ]);
}
