import { checkPositiveInteger } from '../internal/check.ts';

export interface CharacterNgramConfig {
  /** L: symbols L, L + 1 and L + 2 are start, end and pad, as `WordVae` has them. 62 if omitted. */
  letters?: number;
  /** Symbols that count together: 2 for bigrams, 3 for trigrams. 2 if omitted. */
  order?: number;
  /** What the next shorter context is worth, in observations: 1 if omitted. */
  strength?: number;
}

/**
 * Letters by counts of what followed the last ones: the baseline of a model of words. Words are rows [N, T] on the host, as those of `WordVae`.
 *
 *   p_n(c | h) = (count(h c) + s p_{n-1}(c | h without its first)) / (count(h) + s),   p_0 = 1 / (L + 1)
 * h are the n - 1 symbols before, starts before the first letter; c is a letter or the end. Source: MacKay & Peto 1995, "A
 * hierarchical Dirichlet language model".
 */
export class CharacterNgram {
  readonly config: Readonly<Required<CharacterNgramConfig>>;
  /** Of each order from 1: by h in the number system of the symbols, how often it came; by h c likewise. */
  private readonly contexts: Map<number, number>[] = [];
  private readonly pairs: Map<number, number>[] = [];

  /** Counts the words; a word that stands there twice counts twice. @throws RangeError if a value or the rows do not fit. */
  constructor(words: Int32Array, length: number, config: CharacterNgramConfig = {}) {
    this.config = { letters: 62, order: 2, strength: 1, ...config };
    const { letters, order, strength } = this.config;
    checkPositiveInteger('CharacterNgram', 'letters', letters);
    checkPositiveInteger('CharacterNgram', 'order', order);
    if ((letters + 3) ** order > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`CharacterNgram: order must be less for ${letters} letters, got ${order}. 3 is plenty.`);
    }
    if (!(strength > 0 && strength < Infinity)) {
      throw new RangeError(`CharacterNgram: strength must be above 0, got ${strength}. Omit it to use 1.`);
    }
    for (let n = 1; n <= order; n++) {
      this.contexts.push(new Map());
      this.pairs.push(new Map());
    }
    this.visit(words, length, (_, context, symbol) => {
      for (let n = 1; n <= order; n++) {
        const own = this.lastOf(context, n - 1);
        increment(this.contexts[n - 1]!, own);
        increment(this.pairs[n - 1]!, own * (letters + 3) + symbol);
      }
    });
  }

  /** log p of each row in nats, [N], its end included where it has one. */
  logProb(words: Int32Array, length: number): Float64Array {
    const sums = new Float64Array(words.length / length);
    this.visit(words, length, (row, context, symbol) => {
      sums[row]! += Math.log(this.prob(context, symbol, this.config.order));
    });
    return sums;
  }

  /** p_n(symbol | the last n - 1 symbols of the context). */
  private prob(context: number, symbol: number, n: number): number {
    const { letters, strength } = this.config;
    if (n === 0) return 1 / (letters + 1);
    const own = this.lastOf(context, n - 1);
    const count = this.pairs[n - 1]!.get(own * (letters + 3) + symbol) ?? 0;
    const total = this.contexts[n - 1]!.get(own) ?? 0;
    return (count + strength * this.prob(context, symbol, n - 1)) / (total + strength);
  }

  private lastOf(context: number, symbols: number): number {
    return context % (this.config.letters + 3) ** symbols;
  }

  /** Calls `f` at each letter and end with the order - 1 symbols before it. */
  private visit(words: Int32Array, length: number, f: (row: number, context: number, symbol: number) => void): void {
    checkPositiveInteger('CharacterNgram', 'length', length);
    if (words.length === 0 || words.length % length !== 0) {
      throw new RangeError(`CharacterNgram: words must be rows of ${length} symbols, got ${words.length} in all.`);
    }
    const { letters, order } = this.config;
    const base = letters + 3;
    const starts = Array.from({ length: order - 1 }).reduce<number>((context) => context * base + letters, 0);
    for (let row = 0; row < words.length / length; row++) {
      let context = starts;
      for (let t = 0; t < length; t++) {
        const symbol = words[row * length + t]!;
        if (symbol === letters + 2) break;
        if (!(symbol >= 0 && symbol <= letters + 1 && symbol !== letters)) {
          throw new RangeError(`CharacterNgram: row ${row} must hold letters, an end and pads, got symbol ${symbol}.`);
        }
        f(row, context, symbol);
        context = this.lastOf(context * base + symbol, order - 1);
      }
    }
  }
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
