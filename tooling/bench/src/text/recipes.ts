import { uniform } from '@proj/distributions/random';
import { foundText } from './find.ts';

export const VOCABULARY = 10_000;
/** Tokens of a recipe: 200 inputs and as many targets, one place on. */
export const ROW = 201;
const ROWS = 640;
/** 0 pads, 1 stands for every word outside the vocabulary. */
const UNKNOWN = 1;
const RESERVED = 2;

/** Token rows [640, 201]: the first recipes of a corpus where PROJ_DATA_DIR holds it, else drawn ones. */
export async function recipeRows(): Promise<Int32Array> {
  const text = await foundText('recipes');
  return text === undefined ? drawnRows(0) : tokenRows((JSON.parse(text) as Recipe[]).filter(complete).map(wordsOf));
}

export interface Recipe {
  readonly title: string | null;
  readonly directions: readonly string[] | null;
}

const complete = ({ title, directions }: Recipe) => title != null && directions != null;

/** Lower-case words of "Recipe for TITLE | DIRECTIONS", every ASCII punctuation mark a word. */
export const wordsOf = ({ title, directions }: Recipe): string[] =>
  `Recipe for ${title} | ${directions!.join(' ')}`
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, ' $& ')
    .split(/\s+/)
    .filter(Boolean);

/** Rows of the first texts; the vocabulary is of all of them: by falling frequency, then by the alphabet. */
export function tokenRows(texts: readonly (readonly string[])[]): Int32Array {
  const counts = new Map<string, number>();
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, VOCABULARY - RESERVED);
  const ids = new Map(sorted.map(([word], i) => [word, i + RESERVED]));
  const rows = new Int32Array(ROWS * ROW);
  texts.slice(0, ROWS).forEach((words, r) => {
    const tokens = words.slice(0, ROW).map((word) => ids.get(word) ?? UNKNOWN);
    rows.set(tokens, r * ROW);
  });
  return rows;
}

/** From 30 to 201 tokens a row, their frequencies as 1 / rank (Zipf's law), then padding. */
export function drawnRows(seed: number): Int32Array {
  const draws = uniform(ROWS * (ROW + 1), seed);
  const rows = new Int32Array(ROWS * ROW);
  for (let r = 0; r < ROWS; r++) {
    const own = draws.subarray(r * (ROW + 1), (r + 1) * (ROW + 1));
    const length = 30 + Math.floor((ROW - 29) * own[ROW]!);
    for (let t = 0; t < length; t++) rows[r * ROW + t] = Math.floor((VOCABULARY - 1) ** own[t]!);
  }
  return rows;
}
