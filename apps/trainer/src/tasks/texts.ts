import { uniform } from '@proj/distributions/random';
import { joinWords, splitWords, WordVocabulary } from '@proj/io';
import type { TextData } from '@proj/io/node';
import type { DrawnToken, GeneratedText, StreamTextOptions } from '@proj/models';
import { type Dataset, meanMetrics } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { asCliError } from '../data.ts';
import { UsageError } from '../errors.ts';
import type { TextModel } from '../models/text-model.ts';
import { VOCABULARY_FILE } from '../models/vocabulary-file.ts';
import type { Session } from '../session.ts';
import type { Exhibit, Task } from './task.ts';
import { loadDocuments, textData } from './text-data.ts';

/** Texts a step of evaluation; a figure does not depend on it. */
const EVALUATION_BATCH = 32;

/** Id of words that the vocabulary does not have: never drawn. */
const UNKNOWN = 1;

const USUAL_PROMPT = 'recipe for';
const MAX_TOKENS = 100;

/** Words of a text that `reconstruct` shows the model, or half of a shorter one's. */
const GIVEN = 10;

const TEMPERATURES = [1, 0.2];

/** Texts, and models that give each word a probability after those before it: no codes, but texts can be continued. */
export const texts: Task<TextData, TextModel> = {
  ...textData,
  noun: 'texts',
  load: loadDocuments,
  showShape: () => 'words',

  assets({ train }, { vocabulary }) {
    try {
      return { [VOCABULARY_FILE]: JSON.stringify(WordVocabulary.fromTexts(train, Number(vocabulary))) };
    } catch (error) {
      throw asCliError(error);
    }
  },

  dataset: ({ train }, { model }) => textDataset(train, model),

  async evaluate({ model, seeds }, data, split, _, onExample) {
    // Sums over sums: every token counts the same. The padding costs nothing, as nothing else can follow a stop.
    const metrics = ({ nats, tokens }: Record<string, number>) => {
      const [nll, paddedNll] = [nats! / tokens!, nats! / model.length];
      return { nll, perplexity: Math.exp(nll), paddedNll, paddedPerplexity: Math.exp(paddedNll) };
    };
    const score = (rows: tf.Tensor) => model.network.score(rows);
    const each = (index: number, sums: Record<string, number>) =>
      onExample?.(index, { ...metrics(sums), tokens: sums.tokens! });
    return metrics(await meanMetrics(textDataset(data[split], model), EVALUATION_BATCH, score, seeds.evaluation, each));
  },

  samplingOptions: ['prompt', 'top', 'topK', 'topP', 'maxTokens'],
  usualSamples: 10,

  async sample(session, load, { count, prompt, top = 0, topK, topP, maxTokens = MAX_TOKENS, temperature, seed }) {
    const { network, vocabulary } = known(session.model);
    const words = promptWords(prompt ?? (await usualPrompt(vocabulary, load, seed)), maxTokens);
    const options = { prompt: ids(vocabulary, words), maxTokens, temperature, seed, top, ban: [UNKNOWN] };
    const cuts = { ...(topK !== undefined && { topK }), ...(topP !== undefined && { topP }) };
    const drawn = await network.generate({ ...options, ...cuts, count });
    const samples = drawn.map((text) =>
      top > 0 ? detailed(vocabulary, words, text) : written(vocabulary, words, text),
    );
    return { count, samples, notes: unknownWords(vocabulary, words) };
  },

  /** The first words of each text, and what the model goes on with, as long as the text at most. */
  async reconstruct({ model }, data, split, count) {
    const shown = data[split].slice(0, count);
    const samples = [];
    for (const [seed, text] of shown.entries()) samples.push(await continued(model, text, seed));
    return { count: shown.length, samples };
  },

  async progress(session, data, epoch) {
    const number = String(epoch).padStart(4, '0');
    const title = `Samples after epoch ${epoch}`;
    return [{ ...(await samplesText(session, data, 1)), file: `samples-epoch-${number}.txt`, title }];
  },

  async exhibits(session, data): Promise<Exhibit[]> {
    const lines: string[] = [];
    for (const [seed, text] of data.test.slice(0, 3).entries()) {
      const { prompt, original, continuation } = await continued(session.model, text, seed);
      lines.push(`given: ${prompt}`, `  the text: ${original}`, `  the model: ${continuation}`, '');
    }
    return [
      await samplesText(session, data, 3),
      {
        file: 'continuations.txt',
        title: 'Continuations',
        caption: `Test texts and what the model makes of their first words, at temperature 1.`,
        bytes: new TextEncoder().encode(lines.join('\n')),
      },
    ];
  },
};

/** Rows int32 [B, T + 1] of the texts, without the columns that are padding in all of the batch: they count nowhere. */
function textDataset(items: readonly string[], model: TextModel): Dataset<tf.Tensor2D> {
  const { vocabulary } = known(model);
  const width = model.length + 1;
  const rows = vocabulary.rows(items, width);
  const ends = Int32Array.from(items, (_, i) => {
    const stop = rows.subarray(i * width, (i + 1) * width).indexOf(0);
    return stop < 0 ? width : stop + 1;
  });
  return {
    size: items.length,
    batch(indices) {
      const columns = Math.max(2, ...indices.map((i) => ends[i]!));
      const batch = new Int32Array(indices.length * columns);
      indices.forEach((i, b) => {
        batch.set(rows.subarray(i * width, i * width + columns), b * columns);
      });
      return tf.tensor2d(batch, [indices.length, columns], 'int32');
    },
  };
}

/** The parts of a run's model. */
function known({ network, vocabulary }: TextModel): Pick<TextModel, 'network'> & { vocabulary: WordVocabulary } {
  if (!vocabulary) throw new Error('a model without a vocabulary'); // a fault of ours: a run has one
  return { network, vocabulary };
}

const ids = (vocabulary: WordVocabulary, words: readonly string[]): Int32Array => vocabulary.encode(words.join(' '));

/** @throws UsageError if there is no word, or no room for one more. */
function promptWords(prompt: string, maxTokens: number): string[] {
  const words = splitWords(prompt);
  if (words.length === 0)
    throw new UsageError(`--prompt must have a word, got '${prompt}'. Leave it out for the usual one.`);
  if (words.length < maxTokens) return words;
  throw new UsageError(
    `--max-tokens must be more than the ${words.length} words and marks of the prompt, got ${maxTokens}. It counts them too.`,
  );
}

/** The book's, or where its words are not known, the first two of a training text. */
async function usualPrompt(vocabulary: WordVocabulary, load: () => Promise<TextData>, seed: number): Promise<string> {
  if (!ids(vocabulary, splitWords(USUAL_PROMPT)).includes(UNKNOWN)) return USUAL_PROMPT;
  const { train } = await load();
  return joinWords(splitWords(train[Math.floor(uniform(1, seed)[0]! * train.length)]!).slice(0, 2));
}

function unknownWords(vocabulary: WordVocabulary, words: readonly string[]): string[] {
  const codes = ids(vocabulary, words);
  const unknown = [...new Set(words.filter((_, i) => codes[i] === UNKNOWN))];
  if (unknown.length === 0) return [];
  const quoted = unknown.map((word) => `'${word}'`).join(', ');
  return [
    `the model does not know ${quoted} of the prompt: it sees [UNK] instead, as for every word that its training texts had not, or too seldom`,
  ];
}

/** The prompt and what follows. */
const written = (vocabulary: WordVocabulary, prompt: readonly string[], { tokens }: Pick<GeneratedText, 'tokens'>) =>
  joinWords([...prompt, ...tokens.map((id) => vocabulary.words[id]!)]);

/** The same, and after every word what could have come: figure 5-10 of the book. */
function detailed(vocabulary: WordVocabulary, prompt: readonly string[], text: GeneratedText) {
  const named = ({ id, probability }: Pick<DrawnToken, 'id' | 'probability'>) => ({
    ...{ word: id === 0 ? '[STOP]' : vocabulary.words[id]!, probability },
  });
  return {
    ...{ prompt: joinWords(prompt), text: written(vocabulary, prompt, text), stopped: text.stopped },
    steps: text.steps.map((step) => ({ ...named(step), top: step.top.map(named) })),
  };
}

async function continued(model: TextModel, text: string, seed: number) {
  const { network, vocabulary } = known(model);
  const words = splitWords(text).slice(0, model.length + 1);
  const given = words.slice(0, Math.max(1, Math.min(GIVEN, words.length >> 1)));
  const options = { prompt: ids(vocabulary, given), maxTokens: Math.max(words.length, 2), seed, ban: [UNKNOWN] };
  const [drawn] = await network.generate(options);
  return {
    ...{ prompt: joinWords(given), original: joinWords(words) },
    continuation: written(vocabulary, given, drawn!),
  };
}

/** Some texts at each temperature. */
async function samplesText(session: Session<TextModel>, data: TextData, count: number): Promise<Exhibit> {
  const { network, vocabulary } = known(session.model);
  const words = splitWords(await usualPrompt(vocabulary, async () => data, 0));
  const parts: string[] = [];
  for (const temperature of TEMPERATURES) {
    const options: StreamTextOptions = { prompt: ids(vocabulary, words), maxTokens: MAX_TOKENS, temperature, seed: 0 };
    const drawn = await network.generate({ ...options, ban: [UNKNOWN], count });
    parts.push(`temperature ${temperature}:`, ...drawn.map((text) => `  ${written(vocabulary, words, text)}`));
  }
  return {
    file: 'samples.txt',
    title: 'Samples',
    caption: `Texts that go on from "${joinWords(words)}", ${MAX_TOKENS} words and marks at most.`,
    bytes: new TextEncoder().encode(`${parts.join('\n')}\n`),
  };
}
