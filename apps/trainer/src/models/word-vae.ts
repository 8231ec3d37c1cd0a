import { CharacterVocabulary } from '@proj/io';
import type { TextData } from '@proj/io/node';
import { WordVae } from '@proj/models';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { words } from '../tasks/words.ts';
import type { ModelSpec } from './spec.ts';
import { parseAsset, VOCABULARY_FILE } from './vocabulary-file.ts';
import { IWAE_SAMPLES, type WordModel } from './word-model.ts';

const sizes = { full: { latent: 16, units: 64 }, small: { latent: 10, units: 20 } };
const { alphanumeric } = CharacterVocabulary;

const schema = z
  .object({
    config: z
      .enum(['full', 'small'])
      .default('full')
      .describe('small: 20 units, 10 latent numbers, and a decoder that sees them alone, not the letter before'),
    latent: z.int().min(1).max(4096).optional().describe('dimensions of z, a code a word'),
    units: z.int().min(1).max(4096).optional().describe('of the encoder and of the decoder'),
    embedding: z.int().min(1).max(4096).default(20).describe('numbers of a symbol'),
    reset: z.enum(['before', 'after']).default('after').describe('what the reset gates of the GRUs work on'),
    wordDropout: z.number().min(0).lt(1).default(0.3).describe('share of letters hidden from the decoder in training'),
    beta: z.number().min(0).default(1).describe('weight of the KL term'),
    warmup: z.int().min(0).default(2000).describe('steps over which that weight rises from 0'),
    freeBits: z.number().min(0).default(0.05).describe('nats a dimension that the KL is not charged for'),
    length: z.int().min(2).max(1000).default(16).describe('symbols of a drawn word at most, its end included'),
    alphabet: z.string().min(1).default(alphanumeric).describe('letters that words may have'),
  })
  .overwrite((settings) => ({ ...settings, ...sizes[settings.config], ...given(settings) }))
  .refine(({ alphabet }) => new Set(alphabet).size === [...alphabet].length, {
    path: ['alphabet'],
    message: 'a letter stands in it twice',
  });

/** Those of the sizes that were set. */
function given({ latent, units }: { latent?: number | undefined; units?: number | undefined }) {
  return { ...(latent !== undefined && { latent }), ...(units !== undefined && { units }) };
}

export const wordVae: ModelSpec<TextData, WordModel> = {
  name: 'word-vae',
  task: words,
  summary: 'variational auto-encoder of words, letter by letter (Bowman et al. 2016)',
  schema,
  defaults: { data: 'generated-words', epochs: 40, batch: 64, learningRate: 3e-3 },
  monitor: { metric: 'elbo', mode: 'max' },
  notes(settings) {
    const { warmup, freeBits, wordDropout, alphabet } = schema.parse(settings);
    return [
      'elbo, reconstruction, kl in nats a word, one draw of z; its end counts as a symbol in every figure',
      `iwae with ${IWAE_SAMPLES} samples a word; nllPerChar: minus that bound over letters and ends, in nats`,
      'reconstructionRate: words that come back letter for letter from the mean of their posterior, each letter the likeliest',
      'bigramNllPerChar, trigramNllPerChar: counts of letters in the training words, smoothed by shorter contexts, on the same words',
      'novelRate, duplicateRate: of 1,000 draws from the prior at temperature 1, those that are not training words, and those drawn before; sampleNllPerChar: of all of them under the trigrams',
      'activeUnits: dimensions of z whose posterior mean has a variance above 0.01 over the words',
      `weight of the KL: from 0 over ${warmup} steps; free are ${freeBits} nats a dimension; ${100 * wordDropout} % of letters hidden in training`,
      `alphabet: ${alphabet}`,
    ];
  },
  create(settings, _shape, seed, assets) {
    const { alphabet, ...config } = schema.parse(settings);
    const vocabulary = assets
      ? CharacterVocabulary.fromJSON(parseAsset(assets, VOCABULARY_FILE), VOCABULARY_FILE)
      : new CharacterVocabulary(alphabet);
    const network = new WordVae({ ...config, letters: [...vocabulary.alphabet].length, seed });
    return {
      ...{ network, vocabulary, weights: network.weights },
      countParams: () => network.countParams(),
      describe: () => network.describe(),
      loss: (x, stepSeed, step) => network.loss(x as tf.Tensor, stepSeed, step),
      dispose: () => network.dispose(),
    };
  },
};
