import { WordVocabulary } from '@proj/io';
import { LanguageModel, type LanguageModelConfig } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { Assets, Model } from '../tasks/task.ts';
import type { LabelledVectors } from './spec.ts';
import { parseAsset, VOCABULARY_FILE } from './vocabulary-file.ts';

/** What the trainer asks of a language model. */
export interface TextModel extends Model {
  readonly network: LanguageModel;
  /** Of the run's training part; `describe` has none. */
  readonly vocabulary: WordVocabulary | undefined;
  /** T: a text is cut to T + 1 tokens, T inputs and as many targets. */
  readonly length: number;
  /** The scalar to minimise for rows int32 [B, T + 1]. */
  loss(rows: tf.TensorContainer): tf.Scalar;
}

/** Settings of all language models. */
export const textSettings = {
  layers: z.int().min(1).max(16).default(1).describe('recurrent layers, one upon the other'),
  vocabulary: z
    .int()
    .min(3)
    .max(1_000_000)
    .default(10_000)
    .describe('words at most, the most frequent of the training part; stop and [UNK] are two of them'),
  embedding: z.int().min(1).max(8192).default(100).describe('numbers that stand for a word'),
  units: z.int().min(1).max(8192).default(128).describe('of each recurrent layer'),
  length: z.int().min(1).max(100_000).default(200).describe('tokens that are predicted of a text, at most'),
};

/** What the reader of a figure must know. */
export const textNotes = [
  'nll: -log p in nats a token, over all tokens of a part that are predicted: the words after the first, [UNK] among them, and the stop; perplexity is its exponential',
  'paddedNll: the same sum over all places of the rows, the padding after a stop among them, which costs nothing: the book’s way',
  'the vocabulary is that of the training part',
];

type Settings = z.infer<z.ZodObject<typeof textSettings>>;

/** A model as large as the run's vocabulary, or as the setting says where there is none. */
export function textModel(
  { vocabulary: most, length, ...sizes }: Settings,
  config: Pick<LanguageModelConfig, 'cell' | 'reset'>,
  seed: number,
  assets: Assets | undefined,
): TextModel {
  const vocabulary = assets && WordVocabulary.fromJSON(parseAsset(assets, VOCABULARY_FILE), VOCABULARY_FILE);
  const network = new LanguageModel({ ...sizes, ...config, vocabulary: vocabulary?.size ?? most, seed });
  return {
    ...{ network, vocabulary, length, weights: network.weights },
    countParams: () => network.countParams(),
    describe: () => network.describe(),
    loss: (rows) => network.loss(rows as tf.Tensor),
    dispose: () => network.dispose(),
  };
}

/** The table of the embedding, a row a word. @throws UsageError if the model has no vocabulary. */
export function wordVectors({ network, vocabulary }: TextModel): LabelledVectors {
  if (vocabulary === undefined) throw new UsageError('this model has no words: it is of no run. Train one first.');
  const table = network.weights['embedding/embeddings']!;
  const labels = Array.from({ length: vocabulary.size }, (_, id) => vocabulary.words[id]!);
  return { shape: table.shape as [number, number], data: table.dataSync() as Float32Array, labels };
}
