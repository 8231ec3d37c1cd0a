import { DataError } from '../data-error.ts';
import { joinWords } from './join-words.ts';
import { splitWords } from './split-words.ts';

const STOP = '';
const UNKNOWN = '[UNK]';

/**
 * Words numbered from 0: 0 is the stop and the padding, 1 stands for every word that is not here, from 2 on words by falling frequency.
 *
 * Of words that are equally frequent the one that sorts later comes first, as in Keras's TextVectorization (`b` before `a`; JavaScript's
 * order of strings).
 */
export class WordVocabulary {
  /** The word of each id; words[0] is '', words[1] is '[UNK]'. */
  readonly words: readonly string[];
  private readonly ids: ReadonlyMap<string, number>;

  private constructor(words: readonly string[]) {
    this.words = words;
    this.ids = new Map(words.map((word, id) => [word, id]));
  }

  /**
   * The `size - 2` most frequent words of the texts, or all if there are fewer.
   *
   * @throws RangeError if size is not a whole number above 2; DataError if the texts have no word.
   */
  static fromTexts(texts: Iterable<string>, size = 10_000): WordVocabulary {
    if (!Number.isSafeInteger(size) || size < 3) {
      throw new RangeError(`WordVocabulary: size must be a whole number above 2, got ${size}. Omit it to use 10,000.`);
    }
    const counts = new Map<string, number>();
    for (const text of texts) for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    if (counts.size === 0)
      throw new DataError('WordVocabulary: expected texts with words, got none. Give other texts.');
    const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1));
    return new WordVocabulary([STOP, UNKNOWN, ...sorted.slice(0, size - 2).map(([word]) => word)]);
  }

  /** V, with stop and unknown. */
  get size(): number {
    return this.words.length;
  }

  /** The ids of the text's words (see `splitWords`), without a stop. */
  encode(text: string): Int32Array {
    return Int32Array.from(splitWords(text), (word) => this.ids.get(word) ?? 1);
  }

  /** Rows [texts, length] of ids, cut or padded with 0. */
  rows(texts: readonly string[], length: number): Int32Array {
    if (!Number.isSafeInteger(length) || length < 1) {
      throw new RangeError(`WordVocabulary: a row's length must be a positive whole number, got ${length}.`);
    }
    const rows = new Int32Array(texts.length * length);
    texts.forEach((text, r) => {
      rows.set(this.encode(text).subarray(0, length), r * length);
    });
    return rows;
  }

  /** The text of the ids before the first 0 (see `joinWords`). @throws RangeError if one is not an id of this vocabulary. */
  decode(ids: ArrayLike<number>): string {
    const words: string[] = [];
    for (let i = 0; i < ids.length && ids[i] !== 0; i++) {
      const word = this.words[ids[i]!];
      if (word === undefined) {
        throw new RangeError(`WordVocabulary: expected ids from 0 to ${this.size - 1}, got ${ids[i]}.`);
      }
      words.push(word);
    }
    return joinWords(words);
  }

  /** For JSON.stringify: `{ type: 'words', words }`. */
  toJSON(): { type: 'words'; words: readonly string[] } {
    return { type: 'words', words: this.words };
  }

  /**
   * The vocabulary that `toJSON` wrote.
   *
   * @param name is what an error calls it, as a rule its file.
   * @throws DataError in one line if it is not one.
   */
  static fromJSON(value: unknown, name: string): WordVocabulary {
    const { type, words } = (value ?? {}) as { type?: unknown; words?: unknown };
    if (type !== 'words' || !Array.isArray(words)) {
      throw new DataError(
        `${name}: expected a vocabulary of words, { "type": "words", "words": [...] }. Give its file.`,
      );
    }
    const wrong = (id: number, expected: string) =>
      new DataError(
        `${name}: expected word ${id} to be ${expected}, got ${JSON.stringify(words[id]) ?? 'nothing'}. Give the file as it was saved.`,
      );
    if (words[0] !== STOP) throw wrong(0, '"", the stop');
    if (words[1] !== UNKNOWN) throw wrong(1, `"${UNKNOWN}"`);
    const seen = new Set<unknown>();
    for (let id = 2; id < words.length; id++) {
      const word: unknown = words[id];
      if (typeof word !== 'string' || splitWords(word).length !== 1 || splitWords(word)[0] !== word || seen.has(word)) {
        throw wrong(id, 'one lower-case word or mark that no other id has');
      }
      seen.add(word);
    }
    return new WordVocabulary([...words] as string[]);
  }
}
