import { loadTextFiles } from '@proj/io/node';
import { encodeUtf32 } from '@proj/tokun';
import type { Dataset } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { fetched, type Split, splits } from '../data.ts';
import type { Io } from '../io.ts';
import type { TaskData } from './task.ts';

/** Characters of an example. */
export const CHARACTERS = 128;

/** Characters after them that a batch holds too, so that a model may begin so many later. */
export const MARGIN = 15;

/** Bytes of a character. */
export const WORD = 4;

/** A run of text in one file, UTF-32; shorter at the file's end. */
export interface Excerpt {
  /** Index among the files. */
  readonly file: number;
  /** Of its first character among those of its part of the file. */
  readonly from: number;
  /** Without the margin, at most `CHARACTERS`. */
  readonly characters: number;
}

/** Text in UTF-32, cut into examples. */
export interface ByteTexts extends TaskData {
  readonly files: readonly { readonly name: string; readonly bytes: Readonly<Record<Split, Uint8Array>> }[];
  /** Of each part, the first of every file, then the second, and so on. */
  readonly excerpts: Readonly<Record<Split, readonly Excerpt[]>>;
}

/** `limit` keeps the first excerpts of each part. */
export async function loadByteTexts(io: Io, name: string, limit: number | null): Promise<ByteTexts> {
  const { files, ...about } = await fetched(io, (options) => loadTextFiles(name, options));
  const encoded = files.map((file) => ({
    name: file.name,
    bytes: Object.fromEntries(splits.map((split) => [split, encodeUtf32(file[split])])) as Record<Split, Uint8Array>,
  }));
  const excerpts = (split: Split) =>
    cut(encoded.map(({ bytes }) => bytes[split].length / WORD)).slice(0, limit ?? undefined);
  return {
    ...about,
    files: encoded,
    excerpts: { train: excerpts('train'), validation: excerpts('validation'), test: excerpts('test') },
  };
}

function cut(lengths: readonly number[]): Excerpt[] {
  const all = lengths.flatMap((length, file) =>
    Array.from({ length: Math.ceil(length / CHARACTERS) }, (_, i) => ({
      file,
      from: i * CHARACTERS,
      characters: Math.min(CHARACTERS, length - i * CHARACTERS),
    })),
  );
  return all.sort((a, b) => a.from - b.from || a.file - b.file);
}

/**
 * The excerpts with those of short files repeated: a file of n where the longest has m comes round((m / n)^balance) times. 0 is each once, 1
 * all files alike.
 */
export function balanced(excerpts: readonly Excerpt[], balance: number): readonly Excerpt[] {
  const counts = new Map<number, number>();
  for (const { file } of excerpts) counts.set(file, (counts.get(file) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return excerpts.flatMap((excerpt) =>
    Array<Excerpt>(Math.round((most / counts.get(excerpt.file)!) ** balance)).fill(excerpt),
  );
}

/** Batches int32 [B, 4 (CHARACTERS + MARGIN)] of the excerpts of a part, zeros after the end of a file. */
export function excerptDataset(
  { files, excerpts }: ByteTexts,
  split: Split,
  chosen: readonly Excerpt[] = excerpts[split],
): Dataset<tf.Tensor2D> {
  const width = WORD * (CHARACTERS + MARGIN);
  return {
    size: chosen.length,
    batch(indices) {
      const rows = new Int32Array(indices.length * width);
      indices.forEach((index, i) => {
        const { file, from } = chosen[index]!;
        rows.set(files[file]!.bytes[split].subarray(WORD * from, WORD * from + width), i * width);
      });
      return tf.tensor2d(rows, [indices.length, width], 'int32');
    },
  };
}
