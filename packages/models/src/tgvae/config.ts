import { checkPositiveInteger, checkSeed } from '../internal/check.ts';

/** Sizes of a TopicGuidedVae, and what its loss weighs. */
export interface TopicGuidedVaeConfig {
  /** V, words that are read and written: 0 ends a document and fills its row, 1 stands for words unknown. Default 10,000. */
  vocabulary?: number;
  /** D, words that topics are made of. Default 2,000. */
  topicWords?: number;
  /** T. Default 10. */
  topics?: number;
  /** Units of both hidden layers that read a bag of words. Default 128. */
  topicUnits?: number;
  /** Z, numbers in the code of a document. Default 32. */
  latent?: number;
  /** K, Householder reflections of the posterior. 0 leaves it diagonal. Default 4. */
  reflections?: number;
  /** H, units of the GRU that reads and of the one that writes. Default 128. */
  units?: number;
  /** E, numbers in the embedding of a word. Default 64. */
  embedding?: number;
  /** Probability that the writer does not see the word before, but the unknown one. Default 0.3. */
  wordDropout?: number;
  /** Steps over which the weight of both divergences grows from 0 to 1. 0: they count in full from the start. Default 2,000. */
  warmup?: number;
  /** Weight of the topics' diversity. Default 0.1. */
  diversity?: number;
  /** Of the first weights. Default 0. */
  seed?: number;
}

const WHO = 'TopicGuidedVae';

export function completeConfig({
  vocabulary = 10_000,
  topicWords = 2_000,
  topics = 10,
  topicUnits = 128,
  latent = 32,
  reflections = 4,
  units = 128,
  embedding = 64,
  wordDropout = 0.3,
  warmup = 2_000,
  diversity = 0.1,
  seed = 0,
}: TopicGuidedVaeConfig): Required<TopicGuidedVaeConfig> {
  const sizes = { vocabulary, topicWords, topics, topicUnits, latent, units, embedding };
  for (const [name, size] of Object.entries(sizes)) checkPositiveInteger(WHO, name, size);
  for (const [name, count] of Object.entries({ reflections, warmup })) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`${WHO}: ${name} must be a whole number from 0 on, got ${count}.`);
    }
  }
  if (vocabulary < 2) {
    throw new RangeError(`${WHO}: vocabulary must be at least 2, the end and the unknown word, got ${vocabulary}.`);
  }
  if (!(wordDropout >= 0 && wordDropout <= 1)) {
    throw new RangeError(`${WHO}: wordDropout must be a probability, from 0 to 1, got ${wordDropout}.`);
  }
  if (!(diversity >= 0 && diversity < Infinity)) {
    throw new RangeError(`${WHO}: diversity must be 0 or more, got ${diversity}. 0.1 is usual.`);
  }
  checkSeed(WHO, seed);
  return { ...sizes, reflections, wordDropout, warmup, diversity, seed };
}
