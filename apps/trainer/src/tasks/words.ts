import { foldIn } from '@proj/distributions/random';
import { CharacterVocabulary } from '@proj/io';
import { loadWords, type TextData } from '@proj/io/node';
import { CharacterNgram } from '@proj/models';
import { type Dataset, meanMetrics } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { asCliError, fetched, type Split } from '../data.ts';
import { UsageError } from '../errors.ts';
import { VOCABULARY_FILE } from '../models/vocabulary-file.ts';
import { IWAE_SAMPLES, type WordModel } from '../models/word-model.ts';
import { textTable } from '../text-table.ts';
import { take } from './take.ts';
import type { Exhibit, Task } from './task.ts';
import { textData } from './text-data.ts';

const EVALUATION_BATCH = 256;
/** Draws from the prior that are compared with the training words. */
const DRAWS = 1000;
const STEPS_BETWEEN = 7;

/** Words, and models that spell them from a code. */
export const words: Task<TextData, WordModel> = {
  ...textData,
  noun: 'words',
  load: (io, name, limit) =>
    fetched(io, (options) => loadWords(name, { ...(limit !== null && { limit }), ...options })),
  showShape: () => 'letters',

  assets({ train, validation, test }, { alphabet }) {
    const vocabulary = new CharacterVocabulary(String(alphabet));
    for (const part of [train, validation, test]) wordRows(part, vocabulary);
    return { [VOCABULARY_FILE]: JSON.stringify(vocabulary) };
  },

  dataset: ({ train }, { model }) => wordDataset(train, model.vocabulary),

  async evaluate({ model, seeds }, data, split, full, onExample) {
    const { network, vocabulary } = model;
    const score = (x: tf.Tensor, seed: number) => {
      const terms = { ...network.elbo(x, seed), reconstructionRate: network.reconstructed(x) };
      if (!full) return terms;
      const iwae = network.iwae(x, IWAE_SAMPLES, foldIn(seed, 1));
      return { ...terms, iwae, symbols: network.symbolCounts(x) };
    };
    const each = onExample && ((index: number, own: Record<string, number>) => onExample(index, perCharacter(own)));
    const dataset = wordDataset(data[split], vocabulary);
    const means = perCharacter(await meanMetrics(dataset, EVALUATION_BATCH, score, seeds.evaluation, each));
    if (!full) return means;
    const all = tensorOf(data[split], vocabulary);
    const [activeUnits] = await take(tf.tidy(() => network.activeUnits(all)));
    all.dispose();
    return { ...means, activeUnits: activeUnits!, ...(await beside(model, data, split, seeds.evaluation)) };
  },

  samplingOptions: ['between'],

  async sample({ model }, _load, { count, seed, temperature, between }) {
    const samples = between
      ? await wordsBetween(model, between, count)
      : await drawnWords(model, count, seed, temperature);
    return { count: samples.length, samples };
  },

  async reconstruct({ model }, data, split, count) {
    const shown = data[split].slice(0, count);
    const spelt = await reconstructions(model, shown);
    const samples = shown.map((word, i) => ({ word, reconstruction: spelt[i]!, isExact: spelt[i] === word }));
    return { count: samples.length, samples };
  },

  async progress({ model }, data, epoch): Promise<Exhibit[]> {
    const distinct = [...new Set(data.validation)];
    const [from, to] = [distinct[0]!, distinct[distinct.length >> 1]!];
    const lines = [
      `drawn: ${(await drawnWords(model, 12, epoch, 1)).join(' ')}`,
      `reconstructed: ${(await pairs(model, distinct.slice(0, 8))).join(', ')}`,
      `from ${from} to ${to}: ${(await wordsBetween(model, [from, to], STEPS_BETWEEN)).join(' ')}`,
    ];
    return [
      {
        file: `words-epoch-${String(epoch).padStart(4, '0')}.txt`,
        title: `Words after epoch ${epoch}`,
        caption:
          'Draws from the prior, validation words and what comes back from their codes, and the way between two of them.',
        bytes: bytesOf(lines),
      },
    ];
  },

  async exhibits({ model }, data): Promise<Exhibit[]> {
    const distinct = [...new Set(data.test)];
    const spelt = await reconstructions(model, distinct.slice(0, 40));
    const ways = distinct.slice(0, 12).map((word, i, some) => [word, some[(i + 1) % some.length]!] as const);
    const paths: string[] = [];
    for (const way of ways) paths.push((await wordsBetween(model, way, STEPS_BETWEEN)).join(' '));
    const drawn: string[] = [];
    for (const temperature of [0.5, 1]) {
      drawn.push(`temperature ${temperature}`, (await drawnWords(model, 40, 0, temperature)).join(' '), '');
    }
    return [
      {
        file: 'samples.txt',
        title: 'Samples',
        caption: 'Draws from the prior; the temperature is of the letters.',
        bytes: bytesOf(drawn),
      },
      {
        file: 'reconstructions.txt',
        title: 'Reconstructions',
        caption: 'Test words, and what the likeliest letters make of the means of their codes.',
        bytes: bytesOf(textTable(distinct.slice(0, 40).map((word, i) => [word, spelt[i]!]))),
      },
      {
        file: 'interpolations.txt',
        title: 'Interpolations',
        caption: `On the way from one test word's code to another's, ${STEPS_BETWEEN} steps a line.`,
        bytes: bytesOf(paths),
      },
    ];
  },
};

const bytesOf = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\n').trimEnd()}\n`);

interface WordRows {
  readonly rows: Int32Array;
  /** Columns: letters of the longest word, and its end. */
  readonly length: number;
}

/** Words as rows of symbols. @throws UsageError that names a word and its letter that is not of the alphabet. */
function wordRows(items: readonly string[], vocabulary: CharacterVocabulary): WordRows {
  const length = items.reduce((longest, word) => Math.max(longest, [...word].length), 0) + 1;
  try {
    return { rows: vocabulary.rows(items, length), length };
  } catch (error) {
    throw asCliError(error);
  }
}

function tensorOf(items: readonly string[], vocabulary: CharacterVocabulary): tf.Tensor2D {
  const { rows, length } = wordRows(items, vocabulary);
  return tf.tensor2d(rows, [items.length, length], 'int32');
}

/** Batches of rows, as long as the longest word of each: pads change no figure. */
function wordDataset(items: readonly string[], vocabulary: CharacterVocabulary): Dataset<tf.Tensor2D> {
  const { rows, length } = wordRows(items, vocabulary);
  const symbols = items.map((word) => [...word].length + 1);
  return {
    size: items.length,
    batch(indices) {
      const columns = indices.reduce((longest, i) => Math.max(longest, symbols[i]!), 1);
      const batch = new Int32Array(indices.length * columns);
      indices.forEach((i, b) => {
        batch.set(rows.subarray(i * length, i * length + columns), b * columns);
      });
      return tf.tensor2d(batch, [indices.length, columns], 'int32');
    },
  };
}

/** With nllPerChar in place of the symbols, where there is a bound: sums over sums, when these are means over words. */
function perCharacter({ symbols, ...metrics }: Record<string, number>): Record<string, number> {
  return symbols === undefined ? metrics : { ...metrics, nllPerChar: -metrics.iwae! / symbols };
}

/** The baselines on the same words, and draws from the prior compared with the training words. */
async function beside(model: WordModel, data: TextData, split: Split, seed: number): Promise<Record<string, number>> {
  const { vocabulary } = model;
  const known = wordRows(data.train, vocabulary);
  const config = { letters: [...vocabulary.alphabet].length };
  const [bigrams, trigrams] = [2, 3].map((order) => new CharacterNgram(known.rows, known.length, { ...config, order }));
  const measured = (ngram: CharacterNgram, items: readonly string[]) => {
    const { rows, length } = wordRows(items, vocabulary);
    const symbols = items.reduce((sum, word) => sum + [...word].length + 1, 0);
    return -ngram.logProb(rows, length).reduce((a, b) => a + b) / symbols;
  };
  const drawn = await drawnWords(model, DRAWS, seed, 1);
  const seen = new Set(data.train);
  return {
    bigramNllPerChar: measured(bigrams!, data[split]),
    trigramNllPerChar: measured(trigrams!, data[split]),
    novelRate: drawn.filter((word) => !seen.has(word)).length / DRAWS,
    duplicateRate: 1 - new Set(drawn).size / DRAWS,
    sampleNllPerChar: measured(trigrams!, drawn),
  };
}

/** Rows on the host as words; the tensor is disposed. */
async function spelled(rows: tf.Tensor2D, vocabulary: CharacterVocabulary): Promise<string[]> {
  const [, length] = rows.shape;
  const symbols = await take(rows);
  return Array.from({ length: symbols.length / length }, (_, i) =>
    vocabulary.decode(symbols.subarray(i * length, (i + 1) * length)),
  );
}

async function drawnWords({ network, vocabulary }: WordModel, count: number, seed: number, temperature: number) {
  return spelled(await network.sample(count, seed, { temperature }), vocabulary);
}

/** What the likeliest letters make of each word's code. */
async function reconstructions({ network, vocabulary }: WordModel, items: readonly string[]): Promise<string[]> {
  const x = tensorOf(items, vocabulary);
  try {
    return await spelled(await network.reconstruct(x, { length: x.shape[1] }), vocabulary);
  } finally {
    x.dispose();
  }
}

/** `emma`, or `emma -> ema` where something else came back. */
async function pairs(model: WordModel, items: readonly string[]): Promise<string[]> {
  const spelt = await reconstructions(model, items);
  return items.map((word, i) => (spelt[i] === word ? word : `${word} -> ${spelt[i]}`));
}

/** Words of codes on the straight way between those of two words, the first and the last their reconstructions. */
async function wordsBetween(
  { network, vocabulary }: WordModel,
  [from, to]: readonly [string, string],
  steps: number,
): Promise<string[]> {
  if (steps < 2)
    throw new UsageError(`--count must be 2 or more with --between, got ${steps}: both words are among them.`);
  const [a, b] = [tensorOf([from], vocabulary), tensorOf([to], vocabulary)];
  try {
    return await spelled(await network.interpolate(a, b, steps), vocabulary);
  } finally {
    tf.dispose([a, b]);
  }
}
