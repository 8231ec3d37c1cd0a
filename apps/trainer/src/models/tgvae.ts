import { DataError, WordVocabulary } from '@proj/io';
import type { TextData } from '@proj/io/node';
import { type Documents, TopicGuidedVae } from '@proj/models';
import { z } from 'zod';
import type { Assets, Model } from '../tasks/task.ts';
import { TOPIC_WORDS_FILE, topics } from '../tasks/topics.ts';
import type { ModelSpec } from './spec.ts';
import { parseAsset, VOCABULARY_FILE } from './vocabulary-file.ts';

/** Words of a run, of its training part. */
export interface KnownWords {
  readonly vocabulary: WordVocabulary;
  /** Ids of the words that topics are made of. */
  readonly topicWords: Int32Array;
}

/** What the trainer asks of a model of topics. */
export interface TopicModel extends Model {
  readonly network: TopicGuidedVae;
  /** `describe` has none. */
  readonly words: KnownWords | undefined;
  /** A document is cut to so many words. */
  readonly length: number;
  readonly start: 'clusters' | 'random';
}

const schema = z.object({
  topics: z.int().min(1).max(1000).default(10).describe('topics to look for'),
  latent: z.int().min(1).max(1024).default(32).describe('numbers in the code of a document'),
  reflections: z
    .int()
    .min(0)
    .max(256)
    .default(4)
    .describe('Householder reflections of the posterior; 0: it is diagonal'),
  units: z.int().min(1).max(8192).default(128).describe('of the GRU that reads and of the one that writes'),
  embedding: z.int().min(1).max(8192).default(64).describe('numbers that stand for a word'),
  topicUnits: z.int().min(1).max(8192).default(128).describe('of both hidden layers that read a bag of words'),
  vocabulary: z
    .int()
    .min(3)
    .max(1_000_000)
    .default(10_000)
    .describe('words at most, the most frequent of the training part; stop and [UNK] are two of them'),
  topicWords: z.int().min(2).max(100_000).default(2000).describe('words at most that topics are made of'),
  stopWords: z.enum(['english', 'none']).default('english').describe('words that belong to no topic'),
  maxShare: z.number().gt(0).max(1).default(0.5).describe('words in more of the documents belong to no topic either'),
  length: z.int().min(1).max(100_000).default(60).describe('words of a document that are read and written, at most'),
  wordDropout: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('probability that the writer does not see the word before'),
  warmup: z.int().min(0).default(2000).describe('steps over which both divergences come to count in full'),
  diversity: z.number().min(0).max(1e6).default(0.1).describe('weight of the angles between topics'),
  start: z
    .enum(['clusters', 'random'])
    .default('clusters')
    .describe('first topics: word frequencies of clusters of documents, or random'),
});

export const tgvae: ModelSpec<TextData, TopicModel> = {
  name: 'tgvae',
  task: topics,
  summary: 'topic-guided variational auto-encoder of documents (Wang et al. 2019)',
  schema,
  defaults: { data: 'planted-topics', epochs: 36, batch: 32, learningRate: 3e-3 },
  monitor: { metric: 'elbo', mode: 'max' },
  notes: ({ warmup, start }) => [
    'elbo: a bound on log p(words in order, bag of topic words), in nats a document, from one draw of both codes',
    'perplexity: exp of nats a token, the words and the stop; its nats are a bound that pays for both codes: -reconstruction + kl + topicKl',
    'npmi: of the ten most probable words of each topic, over the training documents',
    ...(Number(warmup) > 0
      ? [`in the loss both divergences come to count in full over ${warmup} steps; in the metrics they do`]
      : []),
    ...(start === 'clusters' ? ['the first topics are word frequencies of clusters of training documents'] : []),
  ],
  create(settings, _, seed, assets) {
    const { length, start, stopWords: _stopWords, maxShare: _maxShare, ...config } = schema.parse(settings);
    const words = assets && readWords(assets);
    const sizes = words && { vocabulary: words.vocabulary.size, topicWords: words.topicWords.length };
    const network = new TopicGuidedVae({ ...config, ...sizes, seed });
    return {
      ...{ network, words, length, start, weights: network.weights },
      countParams: () => network.countParams(),
      describe: () => network.describe(),
      loss: (documents, stepSeed, step) => network.loss(documents as Documents, stepSeed, step),
      dispose: () => network.dispose(),
    };
  },
};

/** @throws DataError if the run's files hold none. */
function readWords(assets: Assets): KnownWords {
  const vocabulary = WordVocabulary.fromJSON(parseAsset(assets, VOCABULARY_FILE), VOCABULARY_FILE);
  const list = parseAsset(assets, TOPIC_WORDS_FILE);
  const ids = new Map(vocabulary.words.map((word, id) => [word, id]));
  if (!Array.isArray(list) || list.length === 0 || !list.every((word) => ids.has(word))) {
    throw new DataError(
      `${TOPIC_WORDS_FILE} must be a list of words that ${VOCABULARY_FILE} has, at least one. Give the file as it was saved.`,
    );
  }
  return { vocabulary, topicWords: Int32Array.from(list, (word) => ids.get(word)!) };
}
