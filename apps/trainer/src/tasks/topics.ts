import { foldIn } from '@proj/distributions/random';
import { WordVocabulary } from '@proj/io';
import type { TextData } from '@proj/io/node';
import { bagsOfWords, type Documents, englishStopWords, npmi, topicWordIds, topWords } from '@proj/models';
import { type Dataset, meanMetrics } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { asCliError, type Split } from '../data.ts';
import { UsageError } from '../errors.ts';
import { figure } from '../figure.ts';
import type { KnownWords, TopicModel } from '../models/tgvae.ts';
import { VOCABULARY_FILE } from '../models/vocabulary-file.ts';
import { latentPlanePng } from '../pictures/latent-plane.ts';
import { principalPlane } from '../pictures/principal-plane.ts';
import { take } from './take.ts';
import type { Exhibit, Task } from './task.ts';
import { loadDocuments, textData } from './text-data.ts';

/** File of a run folder with the words that topics are made of. */
export const TOPIC_WORDS_FILE = 'topic-words.json';

const EVALUATION_BATCH = 32;
/** Source: Burda et al. 2015, arXiv:1509.00519. */
const ACTIVE_VARIANCE = 0.01;
/** Id of words that the vocabulary does not have: never drawn. */
const UNKNOWN = 1;
/** Words by which a topic is named, and measured. */
const NAMING_WORDS = 10;
/** Words of a document that is printed after an epoch, at most. */
const PROGRESS_WORDS = 30;
/** Training documents that first topics are made of, at most. */
const STARTING_DOCUMENTS = 5000;
/** Test documents in the picture of their codes, at most. */
const SHOWN_CODES = 2000;

/** Documents, and models that find their topics and write new ones under them. */
export const topics: Task<TextData, TopicModel> = {
  ...textData,
  noun: 'documents',
  load: loadDocuments,
  showShape: () => 'words',

  assets({ train }, { vocabulary: most, topicWords: size, stopWords, maxShare }) {
    const vocabulary = vocabularyOf(train, Number(most));
    const options = {
      size: Number(size),
      maxShare: Number(maxShare),
      stopWords: stopWords === 'none' ? [] : englishStopWords,
    };
    const documents = train.map((text) => vocabulary.encode(text));
    try {
      const ids = topicWordIds(documents, vocabulary.words, options);
      const words = Array.from(ids, (id) => vocabulary.words[id]);
      if (words.length < 2) {
        throw new RangeError(
          `topics need two words or more, and "${words[0]}" alone is left: the others are stop words, or in over ${maxShare} of the documents. Give more documents, --set stopWords=none or a larger maxShare.`,
        );
      }
      return { [VOCABULARY_FILE]: JSON.stringify(vocabulary), [TOPIC_WORDS_FILE]: JSON.stringify(words) };
    } catch (error) {
      throw error instanceof RangeError ? new UsageError(error.message) : error;
    }
  },

  dataset: ({ train }, { model }) => documentDataset(train, model),

  prepare(model, { train }) {
    if (model.start === 'random') return;
    const { vocabulary, topicWords } = known(model);
    const every = Math.ceil(train.length / STARTING_DOCUMENTS);
    const some = train.filter((_, i) => i % every === 0);
    model.network.startFromBags(
      bagsOfWords(
        some.map((text) => vocabulary.encode(text)),
        topicWords,
      ),
    );
  },

  async evaluate({ model, seeds }, data, split, full, onExample) {
    const bounds = (documents: Documents, seed: number) => model.network.elbo(documents, seed);
    const each = (index: number, { tokens, ...parts }: Record<string, number>) =>
      onExample?.(index, { ...parts, perplexity: perplexity(parts, tokens!), tokens: tokens! });
    const rows = documentDataset(data[split], model);
    const { tokens, ...parts } = await meanMetrics(rows, EVALUATION_BATCH, bounds, seeds.evaluation, each);
    const coherence = await coherences(model, data);
    const metrics = {
      ...parts,
      perplexity: perplexity(parts, tokens!), // of the sums: every token counts the same
      npmi: coherence.reduce((sum, x) => sum + x, 0) / coherence.length,
    };
    return full ? { ...metrics, activeUnits: await activeUnits(model, data, split) } : metrics;
  },

  samplingOptions: ['topic', 'topK', 'topP', 'maxTokens'],
  usualSamples: 10,

  async sample({ model }, _load, { count, seed, temperature, topic, topK, topP, maxTokens = model.length }) {
    const { network } = model;
    if (topic !== undefined && topic >= network.config.topics) {
      throw new UsageError(
        `--topic must be from 0 to ${network.config.topics - 1}, got ${topic}. topics.txt of the run lists them.`,
      );
    }
    const cuts = { ...(topK !== undefined && { topK }), ...(topP !== undefined && { topP }) };
    const options = { temperature, maxTokens, ...cuts, ban: [UNKNOWN], ...(topic !== undefined && { topic }) };
    return { count, samples: written(model, await network.sample(count, seed, options)) };
  },

  /** Each document as written from its code, the likeliest word at every step, and another under the same topics. */
  async reconstruct({ model }, data, split, count) {
    const shown = data[split].slice(0, count);
    const samples = await reconstructions(model, shown);
    return { count: shown.length, samples };
  },

  async progress({ model }, _data, epoch) {
    const number = String(epoch).padStart(4, '0');
    const { words } = await named(model);
    const under = await writtenUnderEach(model, 1, PROGRESS_WORDS);
    const lines = words.map((list, i) => `${i}: ${list.join(' ')}\n   ${under[i]![0]}`);
    return [
      {
        file: `topics-epoch-${number}.txt`,
        title: `Topics after epoch ${epoch}`,
        caption: 'The ten most probable words of each topic, and a document written under it.',
        bytes: new TextEncoder().encode(`${lines.join('\n')}\n`),
      },
    ];
  },

  async exhibits({ model }, data): Promise<Exhibit[]> {
    const { words } = await named(model);
    const [coherence, under] = [await coherences(model, data), await writtenUnderEach(model, 3)];
    const topicLines = words.map((list, i) => `${i}: ${list.join(' ')}   (npmi ${figure(coherence[i]!)})`);
    const sampleLines = under.map(
      (documents, i) =>
        `topic ${i}: ${words[i]!.slice(0, 3).join(' ')}\n${documents.map((text) => `  ${text}\n`).join('')}`,
    );
    const pairs = (await reconstructions(model, data.test.slice(0, 5))).map(
      ({ document, reconstruction, topic, share, underItsTopics }) =>
        [
          document,
          `written from its code: ${reconstruction}`,
          `under its topics (${topic}: ${figure(share)}): ${underItsTopics}`,
        ].join('\n  '),
    );
    const exhibit = (file: string, title: string, caption: string, lines: string[]): Exhibit => ({
      ...{ file, title, caption },
      bytes: new TextEncoder().encode(`${lines.join('\n')}\n`),
    });
    return [
      exhibit(
        'topics.txt',
        'Topics',
        'The ten most probable words of each topic, and how well they go together in the training documents (NPMI, -1 to 1).',
        topicLines,
      ),
      exhibit('samples.txt', 'Samples', 'Documents written under each topic, at temperature 1.', sampleLines),
      exhibit(
        'reconstructions.txt',
        'Reconstructions',
        'Test documents, what is written from their codes, and a new document under their topics.',
        pairs,
      ),
      await codePlane(model, data),
    ];
  },
};

/** @throws UsageError if the texts have no words. */
function vocabularyOf(train: readonly string[], most: number): WordVocabulary {
  try {
    return WordVocabulary.fromTexts(train, most);
  } catch (error) {
    throw asCliError(error);
  }
}

/** The words of a run. */
function known({ words }: TopicModel): KnownWords {
  if (!words) throw new Error('a model without a vocabulary'); // a fault of ours: a run has one
  return words;
}

/** Documents as rows of words, without the columns that are empty in all of the batch, and as bags. */
function documentDataset(texts: readonly string[], model: TopicModel): Dataset<Documents> {
  const { vocabulary, topicWords } = known(model);
  const documents = texts.map((text) => vocabulary.encode(text));
  return {
    size: texts.length,
    batch(indices) {
      const chosen = Array.from(indices, (i) => documents[i]!);
      const columns = Math.min(model.length, 1 + Math.max(...chosen.map(({ length }) => length))); // and a stop
      const rows = new Int32Array(chosen.length * columns);
      for (const [b, words] of chosen.entries()) rows.set(words.subarray(0, columns), b * columns);
      return {
        words: tf.tensor2d(rows, [chosen.length, columns], 'int32'),
        bag: tf.tensor2d(bagsOfWords(chosen, topicWords), [chosen.length, topicWords.length]),
      };
    },
  };
}

/** A bound from above, of means or of one document. */
const perplexity = ({ reconstruction, kl, topicKl }: Record<string, number>, tokens: number): number =>
  Math.exp((kl! + topicKl! - reconstruction!) / tokens);

/** The most probable words of each topic, as columns of a bag and as text. */
async function named(model: TopicModel): Promise<{ columns: number[][]; words: string[][] }> {
  const { vocabulary, topicWords } = known(model);
  const columns = topWords(await take(model.network.topics()), model.network.config.topics, NAMING_WORDS);
  return { columns, words: columns.map((list) => list.map((d) => vocabulary.words[topicWords[d]!]!)) };
}

/** NPMI of each topic over the training documents. */
async function coherences(model: TopicModel, { train }: TextData): Promise<number[]> {
  const { vocabulary, topicWords } = known(model);
  const { columns } = await named(model);
  const ids = columns.map((list) => list.map((d) => topicWords[d]!));
  return npmi(
    ids,
    train.map((text) => vocabulary.encode(text)),
  );
}

const written = (model: TopicModel, documents: readonly Int32Array[]): string[] =>
  documents.map((words) => known(model).vocabulary.decode(words));

/** `count` documents under each topic. */
async function writtenUnderEach(model: TopicModel, count: number, length = model.length): Promise<string[][]> {
  const { network } = model;
  const texts: string[][] = [];
  for (let topic = 0; topic < network.config.topics; topic++) {
    const options = { topic, maxTokens: length, ban: [UNKNOWN] };
    texts.push(written(model, await network.sample(count, foldIn(0, topic), options)));
  }
  return texts;
}

interface Reconstruction {
  document: string;
  reconstruction: string;
  /** The likeliest one, and its share. */
  topic: number;
  share: number;
  underItsTopics: string;
}

async function reconstructions(model: TopicModel, texts: readonly string[]): Promise<Reconstruction[]> {
  const { network, length } = model;
  const found: Reconstruction[] = [];
  for (const [i, document] of texts.entries()) {
    const { words, bag } = documentDataset([document], model).batch(Uint32Array.of(0));
    try {
      const shares = await take(network.proportions(bag));
      const z = network.encode(words);
      const [likeliest] = await network
        .generate(z, 0, { temperature: 0, maxTokens: length, ban: [UNKNOWN] })
        .finally(() => z.dispose());
      const [other] = await network.sample(1, i, { proportions: shares, maxTokens: length, ban: [UNKNOWN] });
      const topic = shares.indexOf(Math.max(...shares));
      const [reconstruction, underItsTopics] = written(model, [likeliest!, other!]);
      found.push({
        ...{ document, reconstruction: reconstruction!, topic },
        share: shares[topic]!,
        underItsTopics: underItsTopics!,
      });
    } finally {
      tf.dispose([words, bag]);
    }
  }
  return found;
}

/** The posterior's means [N, Z], and the likeliest topic, of documents. */
async function codesOf(
  model: TopicModel,
  texts: readonly string[],
): Promise<{ codes: Float32Array; likeliest: Uint16Array }> {
  const { network } = model;
  const { latent, topics: count } = network.config;
  const rows = documentDataset(texts, model);
  const codes = new Float32Array(texts.length * latent);
  const likeliest = new Uint16Array(texts.length);
  for (let start = 0; start < texts.length; start += EVALUATION_BATCH) {
    const size = Math.min(EVALUATION_BATCH, texts.length - start);
    const { words, bag } = rows.batch(Uint32Array.from({ length: size }, (_, i) => start + i));
    try {
      codes.set(await take(network.encode(words)), start * latent);
      const shares = await take(network.proportions(bag));
      for (let b = 0; b < size; b++) {
        const own = shares.subarray(b * count, (b + 1) * count);
        likeliest[start + b] = own.indexOf(Math.max(...own));
      }
    } finally {
      tf.dispose([words, bag]);
    }
  }
  return { codes, likeliest };
}

/** Dimensions of the code whose means differ between the documents of a part: their variance is above 0.01. */
async function activeUnits(model: TopicModel, data: TextData, split: Split): Promise<number> {
  const { latent } = model.network.config;
  const { codes } = await codesOf(model, data[split]);
  const active = tf.tidy(() => {
    const { variance } = tf.moments(tf.tensor2d(codes, [codes.length / latent, latent]), 0);
    return tf.sum(tf.cast(tf.greater(variance, ACTIVE_VARIANCE), 'float32'));
  });
  return (await take(active))[0]!;
}

async function codePlane(model: TopicModel, data: TextData): Promise<Exhibit> {
  const { latent } = model.network.config;
  const shown = data.test.slice(0, SHOWN_CODES);
  const { codes, likeliest } = await codesOf(model, shown);
  const plane = principalPlane(codes, latent);
  return {
    file: 'latent-plane.png',
    title: 'Latent plane',
    caption: `Codes of ${shown.length} test documents over ${latent === 2 ? 'the two axes' : `the first two principal components of ${latent} (${Math.round(100 * plane.explained)} % of the variance)`}, coloured by their likeliest topic.`,
    bytes: latentPlanePng(plane, likeliest),
  };
}
