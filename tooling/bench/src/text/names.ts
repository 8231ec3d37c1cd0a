import { uniform } from '@proj/distributions/random';
import { CharacterVocabulary } from '@proj/io';
import { foundText } from './find.ts';

const letters = new CharacterVocabulary(CharacterVocabulary.alphanumeric);
export const { start: START, end: END, pad: PAD, size: SYMBOLS } = letters;
/** At most 15 letters and the end. */
export const LENGTH = 16;
const ROWS = 6400;

/** Symbol rows [6400, 16], letters, end, pads: first names where PROJ_DATA_DIR holds them, else drawn words. */
export async function nameRows(): Promise<Int32Array> {
  const text = await foundText('names');
  const fits = /^[a-zA-Z]{1,15}$/;
  return symbolRows(text === undefined ? drawnWords(0) : text.split(/\s+/).filter((word) => fits.test(word)));
}

/** The first 6,400 of the words, whose letters are in the alphabet; rows of pads where there are fewer. */
export function symbolRows(words: readonly string[]): Int32Array {
  const rows = new Int32Array(ROWS * LENGTH).fill(PAD);
  rows.set(letters.rows(words.slice(0, ROWS), LENGTH));
  return rows;
}

/** Three to ten letters, vowels and consonants in turn. */
export function drawnWords(seed: number): string[] {
  const draws = uniform(ROWS * LENGTH, seed);
  const one = (letters: string, u: number) => letters[Math.floor(letters.length * u)]!;
  return Array.from({ length: ROWS }, (_, r) => {
    const [size, first, ...rest] = draws.subarray(r * LENGTH, (r + 1) * LENGTH);
    const count = 3 + Math.floor(8 * size!);
    const vowel = first! < 0.3 ? 1 : 0;
    return rest
      .slice(0, count)
      .map((u, i) => one((i + vowel) % 2 === 1 ? 'aeiou' : 'bcdfghjklmnprstvz', u))
      .join('');
  });
}
