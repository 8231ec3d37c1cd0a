import { join } from 'node:path';
import { expect, it } from 'vitest';
import { joinWords } from '../text/join-words.ts';
import { splitWords } from '../text/split-words.ts';
import { WordVocabulary } from '../text/word-vocabulary.ts';
import { fetchDataSet, verifyDataSet } from './find.ts';
import { loadImages } from './load-images.ts';
import { loadTexts, loadWords } from './load-texts.ts';

// The real files, PROJ_DATA_DIR names their folder.
const real = it.skipIf(!process.env.PROJ_DATA_DIR);
if (!process.env.PROJ_DATA_DIR) console.warn('skipped: the tests on real data need PROJ_DATA_DIR');

real('mnist loads whole, in less than a second where the machine is free (needs PROJ_DATA_DIR)', async () => {
  const start = performance.now();
  const data = await loadImages('mnist');
  const seconds = (performance.now() - start) / 1000;
  expect([data.train.count, data.validation.count, data.test.count]).toEqual([54_000, 6_000, 10_000]);
  const labels = new Array<number>(10).fill(0);
  let sum = 0;
  for (const part of [data.train, data.validation]) {
    for (const label of part.labels!) labels[label]!++;
    for (const value of part.images) sum += value;
  }
  // Golden: the data's README, "Training labels per digit" and "Mean pixel 0.1307 of 1".
  expect(labels).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(sum / 255 / 784 / 60_000).toBeCloseTo(0.1307, 4);
  expect([...data.test.labels!.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]); // as every MNIST tutorial prints
  expect(seconds).toBeLessThan(4); // 0.4 s alone; other tests run beside this one
});

real('fashion-mnist and cifar10 say that they are not whole (needs PROJ_DATA_DIR)', async () => {
  const fashion = await loadImages('fashion-mnist');
  expect(fashion.source).toContain('not the whole set: the first 8,226 of 60,000 training');
  expect([fashion.train.count + fashion.validation.count, fashion.test.count]).toEqual([8226, 6978]);
  const cifar = await loadImages('cifar10', { limit: 1500 });
  expect(cifar.source).toContain('not the whole set: the first 2,000');
  expect(cifar).toMatchObject({ height: 32, width: 32, channels: 3 });
  expect([...new Set(cifar.train.labels!)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

real('all other sets are found and right (needs PROJ_DATA_DIR)', async () => {
  for (const name of ['recipes', 'names', 'cora', 'shakespeare']) {
    const { files, source } = await fetchDataSet(name, { cacheDir: '/nonexistent' });
    expect(source).toContain(process.env.PROJ_DATA_DIR);
    expect((await verifyDataSet(name, { cacheDir: '/nonexistent' })).files).toEqual(files);
  }
});

real('recipes: 18,632, and the first indices are those of the book (needs PROJ_DATA_DIR)', async () => {
  const { train, validation, test, source } = await loadTexts('recipes');
  const all = [...train, ...validation, ...test];
  expect(all.length).toBe(18_632); // the data's README
  expect(source).toContain('not the Kaggle file');
  // Golden: section 3.1, which the book prints for its own crawl of the same site.
  const vocabulary = WordVocabulary.fromTexts(all);
  expect(vocabulary.words.slice(0, 10)).toEqual(['', '[UNK]', '.', ',', 'and', 'to', 'in', 'the', 'with', 'a']);
  expect(vocabulary.size).toBe(10_000);
  expect([...vocabulary.encode('Recipe for')]).toEqual([26, 16]); // the book's example 5-5
  // 5 standard errors of sqrt(18632 * 0.1 * 0.9) = 41, and a few recipes are twice there.
  expect(Math.abs(test.length - 1863)).toBeLessThan(5 * 41 + 20);
});

real('recipes: the detokeniser puts 998 of 1,000 spaces right (needs PROJ_DATA_DIR)', async () => {
  const { test } = await loadTexts('recipes', { limit: 500 });
  let [gaps, right] = [0, 0];
  for (const text of test) {
    const words = splitWords(text);
    const [wanted, got] = [text.toLowerCase(), joinWords(words)].map((line) => spaces(line, words)) as [
      boolean[],
      boolean[],
    ];
    gaps += words.length;
    right += wanted.filter((space, i) => space === got[i]).length;
  }
  expect(right / gaps).toBeGreaterThan(0.998);
});

real("Kaggle's own form of the recipes: 29 records (needs PROJ_DATA_DIR)", async () => {
  const data = await loadTexts(join(process.env.PROJ_DATA_DIR!, 'recipes', 'full_format_recipes.sample.json'));
  const all = [...data.train, ...data.validation, ...data.test];
  expect(all.length).toBe(29);
  expect(
    all.filter((text) => text.startsWith('Recipe for Lentil, Apple, and Turkey Wrap  | 1. Place the stock')).length,
  ).toBe(1);
});

real('names, shakespeare and a file of lines (needs PROJ_DATA_DIR)', async () => {
  const names = await loadWords('names');
  const parts = [names.train, names.validation, names.test];
  expect(parts.flat().length).toBe(32_033); // the data's README, as are the distinct ones
  expect(parts.map((part) => new Set(part).size).reduce((sum, n) => sum + n)).toBe(29_494);
  const plays = await loadTexts('shakespeare', { limit: 1e6 });
  // Golden: perl -00 -ne 'END { print $. }' tinyshakespeare.txt
  expect([...plays.train, ...plays.validation, ...plays.test].length).toBe(7222);
  const reviews = await loadTexts(join(process.env.PROJ_DATA_DIR!, 'words', 'rt-polarity.pos'));
  expect([...reviews.train, ...reviews.validation, ...reviews.test].length).toBe(5331);
});

/** Whether there is white space before each of these words of a text. */
function spaces(text: string, words: readonly string[]): boolean[] {
  let at = 0;
  return words.map((word) => {
    const start = text.indexOf(word, at);
    const space = /\s/.test(text.slice(at, start));
    at = start + word.length;
    return space;
  });
}
