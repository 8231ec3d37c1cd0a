import { bits, foldIn, uniform } from '@proj/distributions/random';
import { randomCodePoints } from '@proj/io';
import { encodeUtf32 } from '@proj/tokun';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { CHARACTERS, MARGIN, WORD } from '../tasks/excerpts.ts';
import type { Model } from '../tasks/task.ts';

/** A model that writes bytes as vectors, and reads them back. */
export interface ByteModel extends Model {
  /** Bytes of a vector. */
  readonly tokenSize: number;
  /** From 0, every excerpt of training once an epoch, to 1, every file as often: see `balanced`. */
  readonly balance: number;
  /** Whether vectors are N(0, I) a priori. */
  readonly hasPrior?: true;
  /** Before the first step, with excerpts of the training part. */
  prepare?(batch: tf.Tensor): void;
  /** Bytes int32 [B, T] of whole tokens -> [B, T / tokenSize, D]. */
  encode(bytes: tf.Tensor): tf.Tensor;
  /** Vectors [B, M, D] -> bytes int32 [B, M tokenSize]. */
  decode(z: tf.Tensor): tf.Tensor;
  /** -log p of each byte in nats and the likeliest in its place, [B, T]. */
  evaluate(bytes: tf.Tensor): { nats: tf.Tensor; decoded: tf.Tensor };
}

/** The bytes of an example, made up with zeros to whole tokens. */
export const exampleSize = (tokenSize: number): number => Math.ceil((WORD * CHARACTERS) / tokenSize) * tokenSize;

/** The `--set` key of the positions that each block of a model merges. */
export const groupsSetting = z.coerce
  .string()
  .regex(/^\[?\d+([,x]\d+)*\]?$/, 'give numbers with commas between them, such as 4,4')
  .default('4,4')
  .describe('positions that each block merges; their product is the bytes of a token');

export const groupsOf = (setting: string): number[] => setting.match(/\d+/g)!.map(Number);

/** What `make` makes. What a model refuses, the user can set otherwise. */
export function refused<M>(make: () => M): M {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** `--set` keys of the text that a model trains on. */
export const augmentationSettings = {
  random: z.number().min(0).max(1).default(0).describe('share of the examples of a step that are random code points'),
  planes: z
    .int()
    .min(1)
    .max(17)
    .default(17)
    .describe('planes of Unicode that those are from; 1 is the basic one, with all scripts of today'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('share of the characters of text whose last byte is drawn anew: others of the same 256'),
  balance: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('from 0, each excerpt once an epoch, to 1, short files as often as long ones'),
};

/** What a step does to the text it trains on. */
export interface Augmentation {
  /** Share of the examples that are random code points instead. */
  readonly random: number;
  /** From so many planes of Unicode. */
  readonly planes: number;
  /** Share of the characters of text whose last byte is drawn anew: others of the same 256. */
  readonly jitter: number;
}

/**
 * What a step trains on, of a batch of excerpts [B, 4 (CHARACTERS + MARGIN)]: all begin at one character of the first token, drawn anew,
 * and then what the augmentation says happens to them. [B, T] of whole tokens.
 */
export function trainingBytes(
  batch: tf.Tensor,
  tokenSize: number,
  { random, planes, jitter }: Augmentation,
  seed: number,
): tf.Tensor {
  const places = Math.max(1, Math.min(MARGIN + 1, Math.floor(tokenSize / WORD)));
  const offset = WORD * (bits(1, foldIn(seed, 0))[0]! % places);
  const rows = batch.shape[0]!;
  const drawn = Math.round(random * rows);
  return tf.tidy(() => {
    const found = tf.slice(batch as tf.Tensor2D, [0, offset], [rows - drawn, WORD * CHARACTERS]);
    const text = jitter === 0 ? found : jittered(found, jitter, foldIn(seed, 2));
    const all = drawn === 0 ? text : tf.concat([text, randomRows(drawn, planes, foldIn(seed, 1))]);
    return padded(all, tokenSize);
  });
}

function jittered(text: tf.Tensor2D, share: number, seed: number): tf.Tensor2D {
  const characters = text.size / WORD;
  const [hits, words] = [uniform(characters, foldIn(seed, 0)), bits(characters, foldIn(seed, 1))];
  const [kept, fresh] = [new Int32Array(text.size).fill(1), new Int32Array(text.size)];
  for (let i = 0; i < characters; i++) {
    if (hits[i]! >= share) continue;
    const at = WORD * i + WORD - 1;
    kept[at] = 0;
    fresh[at] = words[i]! & 255;
  }
  return tf.add(tf.mul(text, tf.tensor2d(kept, text.shape, 'int32')), tf.tensor2d(fresh, text.shape, 'int32'));
}

/** The first characters of excerpts, as evaluation has them: [B, 4 (CHARACTERS + MARGIN)] -> [B, T] of whole tokens. */
export const exampleBytes = (batch: tf.Tensor, tokenSize: number): tf.Tensor =>
  tf.tidy(() => padded(tf.slice(batch as tf.Tensor2D, [0, 0], [-1, WORD * CHARACTERS]), tokenSize));

function padded(bytes: tf.Tensor2D, tokenSize: number): tf.Tensor2D {
  const missing = exampleSize(tokenSize) - bytes.shape[1];
  return missing === 0 ? bytes : tf.concat([bytes, tf.zeros([bytes.shape[0], missing], 'int32')], 1);
}

function randomRows(rows: number, planes: number, seed: number): tf.Tensor2D {
  const text = randomCodePoints({ count: rows * CHARACTERS, seed, planes });
  return tf.tensor2d(Int32Array.from(encodeUtf32(text)), [rows, WORD * CHARACTERS], 'int32');
}
