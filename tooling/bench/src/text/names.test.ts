import { expect, it } from 'vitest';
import { drawnWords, END, LENGTH, nameRows, PAD, symbolRows } from './names.ts';

it('writes letters, the end, pads', () => {
  const rows = symbolRows(['abZ', 'abcdefghijklmno']);
  expect([...rows.subarray(0, 5)]).toEqual([0, 1, 51, END, PAD]);
  expect([...rows.subarray(LENGTH, 2 * LENGTH)]).toEqual([...Array(15).keys(), END]);
  expect(rows.subarray(2 * LENGTH).every((symbol) => symbol === PAD)).toBe(true);
});

it('draws words of 3 to 10 letters', () => {
  const words = drawnWords(0);
  expect(words.length).toBe(6400);
  expect(new Set(words.map((word) => word.length))).toEqual(new Set([3, 4, 5, 6, 7, 8, 9, 10]));
  expect(words.every((word) => /^[a-z]+$/.test(word))).toBe(true);
});

it.skipIf(!process.env.PROJ_DATA_DIR)('reads the names (needs PROJ_DATA_DIR)', async () => {
  const rows = await nameRows();
  const emma = [4, 12, 12, 0, END];
  expect([...rows.subarray(0, 5)]).toEqual(emma); // the first line of the file
});
