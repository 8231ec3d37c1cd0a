import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { drawnRows, ROW, recipeRows, tokenRows, VOCABULARY } from './recipes.ts';

it('cuts the first 640 recipes to rows of 201, over the vocabulary of all', () => {
  const long = Array.from({ length: 300 }, (_, i) => `w${i}`).join(' ');
  const texts = ['a b, a', long, ...Array.from({ length: 700 }, () => 'a')];
  const rows = tokenRows(texts);
  expect(rows.length).toBe(640 * ROW);
  expect([...rows.subarray(0, 6)]).toEqual([2, 303, 304, 2, 0, 0]); // after a the 300 others, then b and the comma
  expect([rows[ROW], rows[2 * ROW - 1], rows[2 * ROW]].map((id) => id! > 2)).toEqual([true, true, false]);
  expect(rows[639 * ROW]).toBe(2);
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
  // Golden: sha256 of ' '.join(map(str, recipes().flatten().tolist())) with recipes of torch/torch_twins.py.
  const sum = createHash('sha256').update(rows.join(' ')).digest('hex');
  expect(sum).toBe('7f2f209ee5a59bddc0ade93d7947436e23e002575c19c03d378ee7725e1e1245');
});
