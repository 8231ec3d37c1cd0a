import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { DataError } from '../data-error.ts';
import { splitByHash } from '../splits.ts';
import { randomCodePoints } from '../text/random-code-points.ts';
import { dataSets } from './data-sets.ts';
import { type FetchOptions, fetchDataSet, findDataSet } from './find.ts';
import { loadTexts } from './load-texts.ts';
import { readTextFile } from './read-text.ts';

/** One file, cut by lines into three texts. */
export interface TextFile {
  /** Its path without the folder and `.txt`: `udhr/ar`. */
  name: string;
  train: string;
  validation: string;
  test: string;
}

/** Running text from one file or many. */
export interface TextFiles {
  name: string;
  kind: 'text files';
  /** Where they came from, for the user to read. */
  source: string;
  files: TextFile[];
}

/** Code points of `random-codepoints`, of training, validation and test. */
const RANDOM = { train: 131_072, validation: 8192, test: 16_384 } as const;

/**
 * Loads text as it stands, line breaks and all, by the name of a data set, from a text file, from all `.txt` files of a folder and its
 * folders, or from several of these with commas between them.
 *
 * A file alone is cut 80/10/10 by a hash of each distinct line; the files of a folder by a hash of the line's number, so that in parallel
 * text the same lines are held out in every language. `random-codepoints` has parts of its own, drawn from seeds 0, 1 and 2.
 *
 * @throws DataError in one line for an unknown name, an absent file, a folder without text, or a file that is not UTF-8.
 */
export async function loadTextFiles(namesOrPaths: string, options: FetchOptions = {}): Promise<TextFiles> {
  const places = existsSync(namesOrPaths) ? [namesOrPaths] : namesOrPaths.split(',').map((place) => place.trim());
  const sources: Found[] = [];
  for (const place of places) sources.push(await find(place, options));
  const several = sources.length > 1;
  return {
    name: sources.map(({ name }) => name).join(','),
    kind: 'text files',
    source: sources.map(({ source }) => source).join(', '),
    files: sources.flatMap(({ name, files }) =>
      files.map((file) => ({ ...file, name: !several || file.name === name ? file.name : `${name}/${file.name}` })),
    ),
  };
}

interface Found {
  readonly name: string;
  readonly source: string;
  readonly files: TextFile[];
}

async function find(place: string, options: FetchOptions): Promise<Found> {
  const registry = options.registry ?? dataSets;
  if (!registry.some(({ name }) => name === place)) {
    if (existsSync(place)) {
      const files = statSync(place).isDirectory() ? await readFolder(place) : [await readAlone(place)];
      return { name: basename(place), source: place, files };
    }
    if (/[\\/.]/.test(place)) {
      throw new DataError(`${place}: no such file or folder. Check the path, or name a data set.`);
    }
  }
  const dataSet = findDataSet(place, registry);
  if (dataSet.kind === 'code points') {
    const draw = (count: number, seed: number) => randomCodePoints({ count, seed });
    const { train, validation, test } = RANDOM;
    const drawn = { train: draw(train, 0), validation: draw(validation, 1), test: draw(test, 2) };
    return { name: place, source: 'made by the project (seeds 0 to 2)', files: [{ name: place, ...drawn }] };
  }
  if (dataSet.kind !== 'text') {
    const names = registry.filter(({ kind }) => kind === 'text' || kind === 'code points').map(({ name }) => name);
    throw new DataError(
      `${place}: expected text, this is a set of kind ${dataSet.kind}. Use ${names.join(', ')}, or give the path of a text file or a folder of them.`,
    );
  }
  if (dataSet.embedded) {
    const { source, ...parts } = await loadTexts(place, options);
    const [train, validation, test] = [parts.train, parts.validation, parts.test].map((texts) => texts.join('\n'));
    return { name: place, source, files: [{ name: place, train: train!, validation: validation!, test: test! }] };
  }
  const { files, source } = await fetchDataSet(place, options);
  return { name: place, source, files: [{ ...(await readAlone(files[0]!)), name: place }] };
}

async function readAlone(path: string): Promise<TextFile> {
  const lines = await readLines(path);
  return { name: withoutEnding(basename(path)), ...cut(lines, (i) => lines[i]!) };
}

async function readFolder(folder: string): Promise<TextFile[]> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txt') && statSync(join(folder, path)).isFile())
    .sort();
  if (paths.length === 0) throw new DataError(`${folder}: expected .txt files, there are none. Give a folder of text.`);
  const files: TextFile[] = [];
  for (const path of paths) {
    const name = withoutEnding(path.split(sep).join('/'));
    files.push({ name, ...cut(await readLines(join(folder, path)), String) });
  }
  return files;
}

async function readLines(path: string): Promise<string[]> {
  const text = await readTextFile(path, 'a text file');
  if (text.trim() === '') throw new DataError(`${path}: expected text, there is nothing but blanks.`);
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** The lines of each part, in their order, a line break between them. */
function cut(lines: readonly string[], key: (i: number) => string): Omit<TextFile, 'name'> {
  const { train, validation, test } = splitByHash(lines.length, key);
  const text = (indices: Uint32Array) => Array.from(indices, (i) => lines[i]!).join('\n');
  return { train: text(train), validation: text(validation), test: text(test) };
}

const withoutEnding = (path: string): string => path.replace(/\.txt$/, '');
