import { checkSeed, Random } from '../internal/random.ts';

export interface GeneratedWordsOptions {
  /** N, words to draw. */
  count: number;
  /** Same seed, same words, on every machine. Word i does not depend on `count`. */
  seed: number;
}

/** The vowels of a word are all of one row: a word says early how it goes on. */
const HARMONIES = [
  { vowels: ['a', 'o', 'a', 'u', 'o', 'au'], endings: ['a', 'an', 'o', 'or', 'us', 'ado'] },
  { vowels: ['e', 'i', 'e', 'ei', 'i', 'ie'], endings: ['e', 'en', 'i', 'el', 'is', 'ine'] },
] as const;

const ONSETS = [...'rmnltskdbvfghpjz', 'st', 'br', 'tr', 'sh', 'kl', 'gr'];
const FIRST = ['', ...ONSETS.slice(0, 8), '', ...ONSETS];
const CODAS = [...'nrls', 'nd', 'rt', 'm', 'k'];

/**
 * Draws words of 2 to 12 lower-case letters that can be spoken. They are made of syllables: an onset, a vowel, perhaps a coda, and often
 * an ending; all vowels of a word are of the row a o u or of the row e i. Short words and the first of each list are drawn more often,
 * so words are repeated.
 *
 * @throws RangeError if an option does not fit.
 */
export function generatedWords({ count, seed }: GeneratedWordsOptions): string[] {
  checkSeed('generatedWords', seed);
  if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
    throw new RangeError(`generatedWords: count must be a whole number from 0 to 10,000,000, got ${count}.`);
  }
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed, i);
    for (;;) {
      const word = drawWord(random);
      if (word.length >= 2 && word.length <= 12) return word;
    }
  });
}

function drawWord(random: Random): string {
  const { vowels, endings } = HARMONIES[random.below(2)]!;
  const syllables = random.pick([2, 1, 3, 2]);
  let word = '';
  let closed = false;
  for (let s = 0; s < syllables; s++) {
    const onset = random.pick(s === 0 ? FIRST : ONSETS);
    word += closed ? onset.slice(-1) : onset; // no three consonants in a row
    word += random.pick(vowels);
    closed = random.below(4) === 0;
    if (closed) word += s < syllables - 1 ? random.pick(CODAS).slice(0, 1) : random.pick(CODAS);
  }
  if (random.below(3) === 0) return word;
  return word + (closed ? '' : random.pick(ONSETS).slice(-1)) + random.pick(endings);
}
