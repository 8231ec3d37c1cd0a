import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { splitByHash } from '../splits.ts';
import { loadTextFiles, type TextFile } from './load-text-files.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const lines = (language: string, count = 50) => Array.from({ length: count }, (_, i) => `${language} line ${i}`);
const numbers = (text: string) => text.split('\n').map((line) => Number(line.split(' ').at(-1)));

it('the files of a folder hold out the same lines in every language', async () => {
  write('a/de.txt', `${lines('de').join('\n')}\n`);
  write('a/en.txt', lines('en').join('\n'));
  write('a/notes.md', 'no text file');
  const { name, kind, source, files } = await loadTextFiles(join(folder, 'a'));
  expect([name, kind, source]).toEqual(['a', 'text files', join(folder, 'a')]);
  expect(files.map((file) => file.name)).toEqual(['de', 'en']);
  const parts = splitByHash(50, String);
  for (const part of ['train', 'validation', 'test'] as const) {
    expect(files.map((file) => numbers(file[part]))).toEqual([[...parts[part]], [...parts[part]]]);
    expect(parts[part].length).toBeGreaterThan(0);
  }
});

it('a longer file of a folder keeps what a shorter one has', async () => {
  write('a/de.txt', lines('de', 50).join('\n'));
  write('a/en.txt', lines('en', 60).join('\n'));
  const { files } = await loadTextFiles(join(folder, 'a'));
  const [de, en] = files as [TextFile, TextFile];
  expect(numbers(en.test).filter((i) => i < 50)).toEqual(numbers(de.test));
});

it('a file alone is cut by its lines, equal ones into one part', async () => {
  const all = [...lines('x', 40), ...lines('x', 40)];
  const { name, files } = await loadTextFiles(write('book.txt', all.join('\n')));
  expect([name, files[0]!.name]).toEqual(['book.txt', 'book']);
  const { train, validation, test } = files[0]!;
  expect([train, validation, test].flatMap(numbers).sort((a, b) => a - b)).toEqual(all.map((_, i) => i >> 1));
  for (const part of [train, validation, test]) {
    expect(new Set(numbers(part)).size * 2).toBe(numbers(part).length);
  }
});

it('several places with commas between; each file is named by its place', async () => {
  write('one/de.txt', lines('de').join('\n'));
  write('two/deep/de.txt', lines('de').join('\n'));
  const { name, files } = await loadTextFiles(`${join(folder, 'one')}, ${join(folder, 'two')},random-codepoints`);
  expect(name).toBe('one,two,random-codepoints');
  expect(files.map((file) => file.name)).toEqual(['one/de', 'two/deep/de', 'random-codepoints']);
});

it('random-codepoints has parts of its own', async () => {
  const { files } = await loadTextFiles('random-codepoints');
  const [{ train, validation, test }] = files as [TextFile];
  expect([train, validation, test].map((text) => Array.from(text).length)).toEqual([131_072, 8192, 16_384]);
  expect(test.slice(0, 20)).not.toBe(train.slice(0, 20));
});

it('texts of the project are lines', async () => {
  const { files, source } = await loadTextFiles('recipe-grammar');
  expect(source).toBe('made by the project (seed 0)');
  expect(files[0]!.train.split('\n').length).toBeGreaterThan(1000);
  expect(files[0]!.test).toContain('Recipe for');
});

it('what is no text is one clear line', async () => {
  const latin1 = write('latin1.txt', new Uint8Array([97, 10, 0xe9, 10]));
  const fails = async (place: string, message: string | RegExp) => {
    await expect(loadTextFiles(place)).rejects.toThrow(DataError);
    await expect(loadTextFiles(place)).rejects.toThrow(message);
  };
  await fails(latin1, 'latin1.txt: expected text in UTF-8, line 2 is not. Save the file as UTF-8');
  await fails(join(folder, 'none.txt'), 'none.txt: no such file or folder');
  mkdirSync(join(folder, 'empty'));
  await fails(join(folder, 'empty'), 'empty: expected .txt files, there are none');
  await fails(write('blank.txt', ' \n\n'), 'blank.txt: expected text, there is nothing but blanks');
  await fails('digits', 'digits: expected text, this is a set of kind images. Use random-codepoints, ');
  await fails('shakespear', 'Did you mean shakespeare?');
});
