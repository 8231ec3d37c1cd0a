import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { splitByHash, splitIndices } from '../splits.ts';
import { generatedWords } from '../text/generated-words.ts';
import { plantedTopics } from '../text/planted-topics.ts';
import { recipeGrammar } from '../text/recipe-grammar.ts';
import { loadTexts, loadWords, type TextData } from './load-texts.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, bytes: string | Uint8Array) => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};
const all = ({ train, validation, test }: TextData) => [...train, ...validation, ...test].sort();

it.each([
  ['lines', 'one\r\n two \r\nthree\r\n\r\n', ['one', 'three', 'two']],
  [
    'paragraphs',
    '\ufeffFirst:\nSpeak.\n\nAll:\nWe\u00a0know.\n \t\n\nGo',
    ['All:\nWe\u00a0know.', 'First:\nSpeak.', 'Go'],
  ],
])('a text file: its %s', async (_, text, documents) => {
  const path = await write('a.txt', text);
  const data = await loadTexts(path);
  expect(all(data)).toEqual(documents);
  expect(data).toMatchObject({ name: 'a.txt', kind: 'text', source: path });
  expect(all(await loadTexts(await write('a.gz', gzipSync(text))))).toEqual(documents);
});

it('a JSON file: recipes, or strings', async () => {
  const recipes = [
    { title: 'Pie', directions: ['Bake.', 'Cool.'] },
    { title: null, directions: [] },
  ];
  expect(all(await loadTexts(await write('r.json', JSON.stringify(recipes))))).toEqual([
    'Recipe for Pie | Bake. Cool.',
  ]);
  expect(all(await loadTexts(await write('s.json', '["b", " a\\nb ", ""]')))).toEqual(['a\nb', 'b']);
});

it('cuts by the hash of the item, equal ones into one part, and the limit counts in each part', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => `line ${i % 150}`);
  const path = await write('a.txt', lines.join('\n'));
  const data = await loadTexts(path);
  const parts = splitByHash(300, (i) => lines[i]!);
  expect(data.train).toEqual([...parts.train].map((i) => lines[i]));
  expect(data.validation).toEqual([...parts.validation].map((i) => lines[i]));
  expect(data.test).toEqual([...parts.test].map((i) => lines[i]));
  const limited = await loadTexts(path, { limit: 7 });
  expect(limited.train).toEqual(data.train.slice(0, 7));
  expect([limited.validation.length, limited.test.length]).toEqual([7, 7]);
});

it('words: without punctuation, in their case, with repetition, no word in two parts', async () => {
  const data = await loadWords(await write('w.txt', "Don't, don't\n\nSTOP (the 2nd) the - the!"));
  expect(all(data)).toEqual(['2nd', 'Dont', 'STOP', 'dont', 'the', 'the', 'the']);
  const parts = [data.train, data.validation, data.test].map((words) => new Set(words));
  expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(5);
  expect(parts.every(({ size }) => size > 0)).toBe(true);
});

it.each([
  [
    'a.txt',
    Uint8Array.of(97, 10, 98, 10, 0xc3, 0x28),
    'expected text in UTF-8, line 3 is not. Save the file as UTF-8, or give a text file.',
  ],
  ['a.txt', Buffer.from('recipe', 'utf16le'), 'expected text in UTF-8, line 1 is not'],
  [
    'a.txt',
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
    'expected text, got a PNG picture. Give a text file.',
  ],
  ['a.txt', '', 'expected text, there is nothing but blanks. Give a file that has some.'],
  ['a.txt', ' \n\u00a0\n', 'there is nothing but blanks'],
  ['a.txt.gz', gzipSync('abc').subarray(0, 15), 'the gzip data are cut off'],
  ['a.json', '[" "]', 'there is nothing but blanks'],
  ['a.json', '[{"title": "Pie", ', 'expected JSON, got a fault'],
  ['a.json', '{"title": "Pie"}', 'expected the file to be a list'],
  ['a.json', '[{"name": "Pie"}]', 'expected recipes, none of 1 items has both'],
  ['a.json', '["Pie", 3]', 'expected item 0 to be an object with title and directions, got "Pie"'],
])('%s: refuses %j', async (name, bytes, message) => {
  const path = await write(name, bytes);
  for (const load of [loadTexts, loadWords]) {
    const error: unknown = await load(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toContain(message);
    expect((error as DataError).message.startsWith(`${path}: `)).toBe(true);
    expect((error as DataError).message).not.toMatch(/[\r\n]/);
  }
});

it('refuses marks alone where words are wanted', async () => {
  const path = await write('a.txt', '... !');
  await expect(loadWords(path)).rejects.toThrow(`${path}: expected words, there is nothing but blanks`);
  expect((await loadTexts(path)).train).toEqual(['... !']);
});

it.each([
  ['nowhere/a.txt', {}, 'nowhere/a.txt: no such file. Check the path, or name a data set.'],
  ['nowhere.txt', {}, 'nowhere.txt: no such file'],
  ['recipe', {}, 'unknown data set "recipe". Did you mean recipes?'],
  ['digits', {}, 'digits: expected text, this is a set of kind images. Use recipe'],
  ['names', { limit: 0 }, 'limit must be a positive whole number, got 0'],
  ['names', { count: 1.5 }, 'count must be a positive whole number, got 1.5'],
  ['names', { seed: -1 }, 'seed must be a whole number from 0 to 2^51, got -1'],
])('refuses %s with %j', async (name, options, message) => {
  await expect(loadTexts(name, options)).rejects.toThrow(message);
  await expect(loadWords(name, options)).rejects.toThrow(message);
});

it('a folder is no text file', async () => {
  await expect(loadTexts(folder)).rejects.toThrow('it is a folder; give the name of a file');
});

it.each([
  ['recipe-grammar', (count: number, seed: number) => recipeGrammar({ count, seed })],
  ['planted-topics', (count: number, seed: number) => plantedTopics({ count, seed }).documents],
] as const)('%s: 1,800 + 200 from one seed, 500 to test from another', async (name, draw) => {
  const data = await loadTexts(name);
  expect([data.train.length, data.validation.length, data.test.length]).toEqual([1800, 200, 500]);
  expect(data).toMatchObject({ name, kind: 'text', source: 'made by the project (seed 0)' });
  const drawn = draw(2000, 0);
  expect(data.train).toEqual([...splitIndices(2000).train].map((i) => drawn[i]));
  expect(data.validation).toEqual([...splitIndices(2000).validation].map((i) => drawn[i]));
  expect(data.test).toEqual(draw(500, 1));
  const other = await loadTexts(name, { seed: 3, count: 40, limit: 6 });
  expect([other.train.length, other.validation.length, other.test.length]).toEqual([6, 4, 6]);
  expect(other.test).toEqual(draw(6, 7));
});

it('generated-words: 4,000, no word in two parts, as words and as documents', async () => {
  const data = await loadWords('generated-words');
  expect(all(data)).toEqual(generatedWords({ count: 4000, seed: 0 }).sort());
  expect(await loadTexts('generated-words')).toEqual(data);
  const known = new Set(data.train);
  expect([...data.validation, ...data.test].filter((word) => known.has(word))).toEqual([]);
  // 80/10/10 of about 3,600 distinct words; 5 standard errors of sqrt(3600 * 0.1 * 0.9) = 18.
  expect(Math.abs(new Set(data.test).size - 360)).toBeLessThan(90);
  expect(all(await loadWords('generated-words', { seed: 1, count: 10 })).length).toBe(10);
});

it('words of generated documents', async () => {
  const data = await loadWords('planted-topics', { count: 10 });
  expect(all(data)).toContain('the');
  expect(all(data).some((word) => /[.,]/.test(word))).toBe(false);
});
