import { expect, it } from 'vitest';
import { drawnRows, ROW, recipeRows, tokenRows, VOCABULARY, wordsOf } from './recipes.ts';

it('splits off every ASCII punctuation mark and lowers the letters', () => {
  const words = wordsOf({ title: 'Pie (Easy)', directions: ['Mix 1/2 cup; stir.', "Don't\nburn \\ it"] });
  expect(words.join(' ')).toBe("recipe for pie ( easy ) | mix 1 / 2 cup ; stir . don ' t burn \\ it");
  const marks = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
  expect(wordsOf({ title: `a${marks}é`, directions: [] }).slice(2)).toEqual(['a', ...marks, 'é', '|']);
});

it('numbers words by falling frequency, ties by the alphabet, from 2; pads with 0; the rest is 1', () => {
  const rows = tokenRows([
    ['c', 'a', 'b', 'c'],
    Array.from({ length: VOCABULARY + ROW }, (_, i) => `z${String(i).padStart(5, '0')}`),
  ]);
  expect([...rows.subarray(0, 6)]).toEqual([2, 3, 4, 2, 0, 0]);
  expect([...rows.subarray(ROW, ROW + 2)]).toEqual([5, 6]);
  expect(rows[2 * ROW - 1]).toBe(5 + ROW - 1);
  const last = tokenRows([[`x`], Array.from({ length: VOCABULARY }, (_, i) => `a${i}`)]);
  expect(last[0]).toBe(1);
});

it('draws rows of tokens from 1 on, padded at the end', () => {
  const rows = drawnRows(0);
  expect(rows.length).toBe(640 * ROW);
  for (let r = 0; r < 640; r++) {
    const row = rows.subarray(r * ROW, (r + 1) * ROW);
    const length = row.indexOf(0) < 0 ? ROW : row.indexOf(0);
    expect(length).toBeGreaterThanOrEqual(30);
    expect(row.subarray(length).every((token) => token === 0)).toBe(true);
  }
  expect(rows.every((token) => token < VOCABULARY)).toBe(true);
});

// Golden: the peers page says that "recipe for" is 26 16 in this corpus.
it.skipIf(!process.env.PROJ_DATA_DIR)('reads the corpus (needs PROJ_DATA_DIR)', async () => {
  const rows = await recipeRows();
  for (let r = 0; r < 640; r++) expect([...rows.subarray(r * ROW, r * ROW + 2)]).toEqual([26, 16]);
});
