import { uniform } from '@proj/distributions/random';
import { readRecipes, WordVocabulary } from '@proj/io';
import { foundText } from './find.ts';

export const VOCABULARY = 10_000;
/** Tokens of a recipe: 200 inputs and as many targets, one place on. */
export const ROW = 201;
const ROWS = 640;

/** Token rows [640, 201]: the first recipes of a corpus where PROJ_DATA_DIR holds it, else drawn ones. */
export async function recipeRows(): Promise<Int32Array> {
  const text = await foundText('recipes');
  return text === undefined ? drawnRows(0) : tokenRows(readRecipes(text, 'recipes'));
}

/** Rows of the first texts; the vocabulary is of all of them. */
export const tokenRows = (texts: readonly string[]): Int32Array =>
  WordVocabulary.fromTexts(texts, VOCABULARY).rows(texts.slice(0, ROWS), ROW);

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
