import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError } from '../data-error.ts';
import { splitByHash, splitIndices, type ThreeParts } from '../splits.ts';
import { generatedWords } from '../text/generated-words.ts';
import { plantedTopics } from '../text/planted-topics.ts';
import { parseList, recipesOf } from '../text/read-recipes.ts';
import { recipeGrammar } from '../text/recipe-grammar.ts';
import { plainWords } from '../text/split-words.ts';
import { type DataSet, dataSets } from './data-sets.ts';
import { type FetchOptions, fetchDataSet, findDataSet } from './find.ts';
import { readTextFile } from './read-text.ts';

/** Texts cut into their three parts: documents, or words. */
export interface TextData {
  name: string;
  kind: 'text';
  /** Where they came from, for the user to read. */
  source: string;
  train: string[];
  validation: string[];
  test: string[];
}

export interface LoadTextsOptions extends FetchOptions {
  /** At most so many training items, and as many of validation and of test. */
  limit?: number;
  /** Sets made by the project only: which are drawn; 0 if omitted. */
  seed?: number;
  /**
   * Sets made by the project only: training items with validation, 2,000 documents or 4,000 words if omitted. Of documents the test part
   * has a quarter of it.
   */
  count?: number;
}

/**
 * Loads documents by the name of a data set of kind text, or from the path of a file, which may be packed with gzip.
 *
 * A JSON file is a list of recipes (see `readRecipes`) or of strings. In any other text file a paragraph is a document where blank
 * lines part them, else a line is. Sets made by the project have a test part of their own, and validation is cut from training by
 * `splitIndices`; all others, and words, are cut 80/10/10 by a hash of the item. A path is told from a name by its slash, its dot, or
 * by being there.
 *
 * @throws DataError in one line for an unknown name, an absent file, one that is not UTF-8, foreign JSON, or nothing but blanks.
 */
export async function loadTexts(nameOrPath: string, options: LoadTextsOptions = {}): Promise<TextData> {
  const { name, source, documents, test } = await findDocuments('loadTexts', nameOrPath, options);
  if (!test)
    return cut(
      { name, source },
      documents,
      splitByHash(documents.length, (i) => documents[i]!),
      options,
    );
  const parts = { ...splitIndices(documents.length), test: Uint32Array.from(test.keys(), (i) => documents.length + i) };
  return cut({ name, source }, [...documents, ...test], parts, options);
}

/**
 * Loads words, repeated as often as they occur: of the documents that `loadTexts` reads, without ASCII punctuation, split at whitespace,
 * letters as they are. They are cut 80/10/10 by a hash of the word, so no word is in two parts.
 *
 * @throws DataError as `loadTexts` does.
 */
export async function loadWords(nameOrPath: string, options: LoadTextsOptions = {}): Promise<TextData> {
  const { name, source, documents, test = [] } = await findDocuments('loadWords', nameOrPath, options);
  const words = [...documents, ...test].flatMap(plainWords);
  if (words.length === 0) throw empty(source, 'words');
  return cut(
    { name, source },
    words,
    splitByHash(words.length, (i) => words[i]!),
    options,
  );
}

interface Documents {
  name: string;
  source: string;
  documents: string[];
  /** Where the set has a test part of its own. */
  test?: string[];
}

async function findDocuments(who: string, nameOrPath: string, options: LoadTextsOptions): Promise<Documents> {
  checkOptions(who, options);
  const registry = options.registry ?? dataSets;
  if (!registry.some((dataSet) => dataSet.name === nameOrPath)) {
    if (existsSync(nameOrPath)) {
      return { name: basename(nameOrPath), source: nameOrPath, documents: await readDocuments(nameOrPath) };
    }
    if (/[\\/.]/.test(nameOrPath)) {
      throw new DataError(`${nameOrPath}: no such file. Check the path, or name a data set.`);
    }
  }
  const dataSet = findDataSet(nameOrPath, registry);
  if (dataSet.kind !== 'text') {
    const texts = registry.filter(({ kind }) => kind === 'text').map(({ name }) => name);
    throw new DataError(
      `${nameOrPath}: expected text, this is a set of kind ${dataSet.kind}. Use ${texts.join(', ')}, or give the path of a text file.`,
    );
  }
  if (dataSet.embedded) return draw(dataSet, options);
  const { files, source } = await fetchDataSet(nameOrPath, options);
  return { name: nameOrPath, source, documents: await readDocuments(files[0]!) };
}

/** Two seeds of the generators for documents, so training and test are drawn apart: 2 s for training and 2 s + 1 for test. */
function draw({ name }: DataSet, { seed = 0, count }: LoadTextsOptions): Documents {
  const source = `made by the project (seed ${seed})`;
  if (name === 'generated-words') return { name, source, documents: generatedWords({ count: count ?? 4000, seed }) };
  const make = (n: number, drawSeed: number) =>
    name === 'recipe-grammar'
      ? recipeGrammar({ count: n, seed: drawSeed })
      : plantedTopics({ count: n, seed: drawSeed }).documents;
  const training = count ?? 2000;
  return {
    name,
    source,
    documents: make(training, 2 * seed),
    test: make(Math.max(1, Math.floor(training / 4)), 2 * seed + 1),
  };
}

async function readDocuments(path: string): Promise<string[]> {
  const text = await readTextFile(path, 'a text file');
  const documents = /\.json(\.gz)?$/.test(path) ? jsonDocuments(text, path) : plainDocuments(text);
  if (documents.length === 0) throw empty(path, 'text');
  return documents;
}

function jsonDocuments(json: string, path: string): string[] {
  const items = parseList(json, path);
  if (!items.every((item) => typeof item === 'string')) return recipesOf(items, path);
  return items.map((item) => item.trim()).filter(Boolean);
}

/** Paragraphs where blank lines part them, else lines; blank ones are dropped. */
function plainDocuments(text: string): string[] {
  const lines = text.replace(/\r\n?/g, '\n').trim();
  const parted = /\n[^\S\n]*\n/;
  return (parted.test(lines) ? lines.split(new RegExp(`(?:${parted.source})+`)) : lines.split('\n'))
    .map((document) => document.trim())
    .filter(Boolean);
}

function cut(
  { name, source }: Pick<TextData, 'name' | 'source'>,
  items: readonly string[],
  parts: ThreeParts,
  { limit }: LoadTextsOptions,
): TextData {
  const take = (indices: Uint32Array) => Array.from(indices.subarray(0, limit), (i) => items[i]!);
  return {
    name,
    kind: 'text',
    source,
    train: take(parts.train),
    validation: take(parts.validation),
    test: take(parts.test),
  };
}

const empty = (where: string, what: string) =>
  new DataError(`${where}: expected ${what}, there is nothing but blanks. Give a file that has some.`);

function checkOptions(who: string, { limit, seed = 0, count }: LoadTextsOptions): void {
  for (const [name, value] of [
    ['limit', limit],
    ['count', count],
  ] as const) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new RangeError(`${who}: ${name} must be a positive whole number, got ${value}. Omit it to use all.`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > 2 ** 51) {
    throw new RangeError(`${who}: seed must be a whole number from 0 to 2^51, got ${seed}.`);
  }
}
