import { DataError } from '../data-error.ts';

/** Letters of an alphabet numbered 0 to L - 1, then a start L, an end L + 1 and a pad L + 2. */
export class CharacterVocabulary {
  /** a-z, A-Z, 0-9: 62 letters. */
  static readonly alphanumeric = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

  /** L + 3. */
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly pad: number;
  private readonly letters: readonly string[];
  private readonly symbols: ReadonlyMap<string, number>;

  /** @throws RangeError if the alphabet is empty or a letter stands in it twice. */
  constructor(readonly alphabet: string) {
    this.letters = [...alphabet];
    this.symbols = new Map(this.letters.map((letter, symbol) => [letter, symbol]));
    const count = this.letters.length;
    if (count === 0 || this.symbols.size !== count) {
      throw new RangeError(
        `CharacterVocabulary: expected an alphabet of distinct letters, got ${JSON.stringify(alphabet)}. Use CharacterVocabulary.alphanumeric or your own.`,
      );
    }
    this.start = count;
    this.end = count + 1;
    this.pad = count + 2;
    this.size = count + 3;
  }

  /** The word's letters, then the end. @throws DataError if a letter is not of the alphabet. */
  encode(word: string): Int32Array {
    const symbols = [...word].map((letter) => {
      const symbol = this.symbols.get(letter);
      if (symbol !== undefined) return symbol;
      throw new DataError(
        `"${word}": expected letters of ${abbreviated(this.letters)}, got "${letter}". Leave the word out or give an alphabet with that letter.`,
      );
    });
    return Int32Array.of(...symbols, this.end);
  }

  /** Rows [words, length]: letters, end, pads. @throws DataError if a word and its end are longer, or have a foreign letter. */
  rows(words: readonly string[], length: number): Int32Array {
    if (!Number.isSafeInteger(length) || length < 1) {
      throw new RangeError(`CharacterVocabulary: a row's length must be a positive whole number, got ${length}.`);
    }
    const rows = new Int32Array(words.length * length).fill(this.pad);
    words.forEach((word, r) => {
      const symbols = this.encode(word);
      if (symbols.length > length) {
        throw new DataError(
          `"${word}": expected at most ${length - 1} letters, got ${symbols.length - 1}. Leave the word out or make the rows longer.`,
        );
      }
      rows.set(symbols, r * length);
    });
    return rows;
  }

  /** The letters before the first end or pad; a start writes nothing. @throws RangeError if one is no symbol of this vocabulary. */
  decode(symbols: ArrayLike<number>): string {
    let word = '';
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      if (symbol === this.end || symbol === this.pad) break;
      if (symbol === this.start) continue;
      const letter = this.letters[symbol];
      if (letter === undefined) {
        throw new RangeError(`CharacterVocabulary: expected symbols from 0 to ${this.size - 1}, got ${symbol}.`);
      }
      word += letter;
    }
    return word;
  }

  /** For JSON.stringify: `{ type: 'characters', alphabet }`. */
  toJSON(): { type: 'characters'; alphabet: string } {
    return { type: 'characters', alphabet: this.alphabet };
  }

  /**
   * The vocabulary that `toJSON` wrote.
   *
   * @param name is what an error calls it, as a rule its file.
   * @throws DataError in one line if it is not one.
   */
  static fromJSON(value: unknown, name: string): CharacterVocabulary {
    const { type, alphabet } = (value ?? {}) as { type?: unknown; alphabet?: unknown };
    const letters = typeof alphabet === 'string' ? [...alphabet] : [];
    if (type !== 'characters' || letters.length === 0 || new Set(letters).size !== letters.length) {
      throw new DataError(
        `${name}: expected a vocabulary of characters, { "type": "characters", "alphabet": "abc..." } with distinct letters. Give its file as it was saved.`,
      );
    }
    return new CharacterVocabulary(letters.join(''));
  }
}

const abbreviated = (letters: readonly string[]) =>
  letters.join('') === CharacterVocabulary.alphanumeric
    ? 'a-z, A-Z, 0-9'
    : `"${letters.slice(0, 40).join('')}${letters.length > 40 ? '...' : ''}"`;
