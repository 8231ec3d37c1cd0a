import { checkSeed, Random } from '../internal/random.ts';
import { type TopicWords, topicWords } from './topic-words.ts';

export interface PlantedTopicsOptions {
  /** N, documents to draw. */
  count: number;
  /** Same seed, same documents, on every machine. Document i does not depend on `count`. */
  seed: number;
  /** K, topics planted: from 1 to 10, which is the default. */
  topics?: number;
}

export interface PlantedTopics {
  documents: string[];
  /** The main topic of each document: that of most of its content words, of equals the first to appear. */
  topicOf: Uint8Array;
  /** The 30 words of each topic: nouns, verbs, adjectives. All other words are shared. */
  topics: string[][];
}

/** Concentration of a document's topics, all together: the smaller, the purer. Two content words share a topic in about 80 %. */
const CONCENTRATION = 0.3;

/** N a noun, V a verb, A an adjective of some topic. */
const SENTENCES = [
  'The A N V the N.',
  'Every N was A, and the N V it.',
  'After the N, they V the A N.',
  'We V the N with another N.',
  'The N of the N was A.',
  'Before long the A N V our N.',
  'That N and this N were both A.',
  'They V the N because the N was A.',
  'Nobody V the A N without the N.',
  'In the N, the N V every N.',
  'Some say the N is A; others V the N.',
] as const;

/**
 * Documents of one to three simple sentences about K planted topics, for models that should find them again.
 *
 * The content words of a document follow a Polya urn over topics, as if its shares of topics were drawn from a Dirichlet distribution
 * with K equal parameters of 0.3 / K; within a topic the r-th word of its kind is drawn in proportion to 1 / r (Zipf's law), anew
 * if the sentence has it already.
 * Source of the urn: Blackwell & MacQueen 1973, "Ferguson distributions via Polya urn schemes".
 * @throws RangeError if an option does not fit.
 */
export function plantedTopics({ count, seed, topics = topicWords.length }: PlantedTopicsOptions): PlantedTopics {
  checkSeed('plantedTopics', seed);
  for (const [name, value, least, most] of [
    ['count', count, 0, 10_000_000],
    ['topics', topics, 1, topicWords.length],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
    throw new RangeError(`plantedTopics: ${name} must be a whole number from ${least} to ${most}, got ${value}.`);
  }
  const drawn = Array.from({ length: count }, (_, i) => drawDocument(topics, new Random(seed, i)));
  return {
    documents: drawn.map(({ text }) => text),
    topicOf: Uint8Array.from(drawn, ({ main }) => main),
    topics: topicWords.slice(0, topics).map(({ nouns, verbs, adjectives }) => [...nouns, ...verbs, ...adjectives]),
  };
}

function drawDocument(topics: number, random: Random): { text: string; main: number } {
  const seen: number[] = []; // the topic of each content word so far
  const sentences = Array.from({ length: 1 + random.below(3) }, () => {
    const said = new Set<string>();
    return SENTENCES[random.below(SENTENCES.length)]!.replace(/\b[NVA]\b/g, (slot) => {
      const chosen = nextTopic(seen, topics, random);
      seen.push(chosen);
      const words = wordsFor(topicWords[chosen]!, slot);
      let word = zipf(words, random);
      while (said.has(word)) word = zipf(words, random);
      said.add(word);
      return word;
    });
  });
  return { text: sentences.join(' '), main: mostFrequent(seen) };
}

/** An earlier word's topic, or with odds of CONCENTRATION to their number any. */
function nextTopic(seen: readonly number[], topics: number, random: Random): number {
  const u = random.between(0, seen.length + CONCENTRATION);
  return u < seen.length ? seen[Math.floor(u)]! : random.below(topics);
}

function mostFrequent(topics: readonly number[]): number {
  const count = (wanted: number) => topics.filter((topic) => topic === wanted).length;
  return topics.reduce((best, topic) => (count(topic) > count(best) ? topic : best));
}

const wordsFor = ({ nouns, verbs, adjectives }: TopicWords, slot: string) =>
  slot === 'N' ? nouns : slot === 'V' ? verbs : adjectives;

/** The r-th word, r from 1, with probability in proportion to 1 / r. */
function zipf(words: readonly string[], random: Random): string {
  const total = words.reduce((sum, _, i) => sum + 1 / (i + 1), 0);
  let left = random.between(0, total);
  for (const [i, word] of words.entries()) {
    left -= 1 / (i + 1);
    if (left < 0) return word;
  }
  return words.at(-1)!; // what rounding may leave
}
