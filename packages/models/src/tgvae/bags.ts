import { UNKNOWN } from './sentences.ts';
import { englishStopWords } from './stop-words.ts';

export interface TopicWordOptions {
  /** D at most. Default 2,000. */
  readonly size?: number;
  /** Words that belong to no topic, in lower case. Default: `englishStopWords`. */
  readonly stopWords?: Iterable<string>;
  /** Words in a larger share of the documents belong to no topic either. Default 0.5. */
  readonly maxShare?: number;
}

/**
 * Ids of the words that topics can be made of, by falling number of documents they stand in, of equal ones the lower id first.
 *
 * Left out are stop words, what has no letter or one alone, words in too many documents, the stop (0) and the unknown word (1).
 * `words` says what the ids stand for.
 * @throws RangeError if an option does not fit, or none is left.
 */
export function topicWordIds(
  documents: Iterable<ArrayLike<number>>,
  words: readonly string[],
  { size = 2_000, stopWords = englishStopWords, maxShare = 0.5 }: TopicWordOptions = {},
): Int32Array {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`topicWordIds: size must be a positive integer, got ${size}.`);
  }
  if (!(maxShare > 0 && maxShare <= 1)) {
    throw new RangeError(`topicWordIds: maxShare must be above 0 and at most 1, got ${maxShare}. Omit it to use 0.5.`);
  }
  const stops = new Set(stopWords);
  const counts = new Uint32Array(words.length);
  let total = 0;
  for (const document of documents) {
    for (const id of new Set(Array.from(document))) if (id < counts.length) counts[id]! += 1;
    total += 1;
  }
  const ids: number[] = [];
  for (let id = UNKNOWN + 1; id < words.length; id++) {
    const word = words[id]!;
    const isWord = /\p{L}.*\p{L}/u.test(word) && !stops.has(word);
    if (isWord && counts[id]! > 0 && counts[id]! <= maxShare * total) ids.push(id);
  }
  if (ids.length === 0) {
    throw new RangeError(
      `topicWordIds: no word of ${total} documents is left for topics: all are stop words, in over ${maxShare} of the documents, or no words. ` +
        'Give more documents, other stopWords or a larger maxShare.',
    );
  }
  return Int32Array.from(ids.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, size));
}

/** How often each topic word stands in each document: ids of words to [N, D], row after row. */
export function bagsOfWords(documents: readonly ArrayLike<number>[], topicWords: ArrayLike<number>): Float32Array {
  const column = new Map(Array.from(topicWords, (id, d) => [id, d]));
  const bags = new Float32Array(documents.length * topicWords.length);
  for (const [n, document] of documents.entries()) {
    for (let i = 0; i < document.length; i++) {
      const d = column.get(document[i]!);
      if (d !== undefined) bags[n * topicWords.length + d]! += 1;
    }
  }
  return bags;
}
