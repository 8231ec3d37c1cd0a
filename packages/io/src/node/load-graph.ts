import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataError } from '../data-error.ts';
import { readCoraText } from '../graph/cora-text.ts';
import type { GraphData } from '../graph/graph.ts';
import { readGraphJson } from '../graph/graph-json.ts';
import { plantedGraph } from '../graph/planted-graph.ts';
import { dataSets } from './data-sets.ts';
import { type FetchOptions, fetchDataSet, findDataSet } from './find.ts';
import { readTextFile } from './read-text.ts';

export interface LoadGraphOptions extends FetchOptions {
  /** `planted-graph` only: which graph is drawn; 0 if omitted. */
  seed?: number;
}

/**
 * Loads a graph by the name of a data set, `cora` or `planted-graph`, or from a path.
 *
 * A path leads to a JSON file (see `readGraphJson`), to a `.content` file with its `.cites` beside it, or to a folder of either; each
 * may be packed with gzip. A path is told from a name by its slash, its dot, or by being there.
 * @throws DataError in one line for an unknown name, an absent, a foreign or a damaged file.
 */
export async function loadGraph(nameOrPath: string, options: LoadGraphOptions = {}): Promise<GraphData> {
  const registry = options.registry ?? dataSets;
  if (!registry.some((dataSet) => dataSet.name === nameOrPath)) {
    if (existsSync(nameOrPath)) return { ...(await readGraphAt(nameOrPath)), source: nameOrPath };
    if (/[\\/]|\.(json|content|cites|gz)$/.test(nameOrPath)) {
      throw new DataError(`${nameOrPath}: no such file or folder. Check the path, or name a data set.`);
    }
  }
  const dataSet = findDataSet(nameOrPath, registry);
  if (dataSet.kind !== 'graph') {
    const graphs = registry.filter(({ kind }) => kind === 'graph').map(({ name }) => name);
    throw new DataError(
      `${nameOrPath}: expected a graph, this is a set of kind ${dataSet.kind}. Use ${graphs.join(', ')}.`,
    );
  }
  if (dataSet.name === 'planted-graph') return plantedGraph({ seed: options.seed ?? 0 });
  const { files, source } = await fetchDataSet(nameOrPath, options);
  const [first, second] = files as [string, string | undefined];
  const graph = second === undefined ? await readJson(first) : await readText(first, second);
  return { ...graph, name: nameOrPath, source };
}

async function readGraphAt(path: string): Promise<GraphData> {
  if (!(await stat(path)).isDirectory()) {
    if (!CONTENT.test(path)) return readJson(path);
    return readText(path, await citesBeside(path));
  }
  const names = (await readdir(path)).sort();
  const content = names.find((name) => CONTENT.test(name));
  if (content !== undefined) return readText(join(path, content), await citesBeside(join(path, content)));
  const json = names.filter((name) => /\.json(\.gz)?$/.test(name));
  if (json.length === 1) return readJson(join(path, json[0]!));
  throw new DataError(
    `${path}: expected a .content file with its .cites, or one JSON file, got ${json.length || names.length} ${json.length ? 'JSON files' : 'other files'}. Give the path of the file.`,
  );
}

const CONTENT = /\.content(\.gz)?$/;

async function citesBeside(content: string): Promise<string> {
  const stem = basename(content).replace(CONTENT, '');
  const folder = dirname(content);
  const found = [`${stem}.cites`, `${stem}.cites.gz`]
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new DataError(`${content}: expected ${stem}.cites beside it, there is none. Put both files into one folder.`);
}

async function readText(contentName: string, citesName: string): Promise<GraphData> {
  const [content, cites] = await Promise.all([readString(contentName), readString(citesName)]);
  const graph = readCoraText({ content, cites, contentName, citesName });
  return { ...graph, name: basename(contentName).replace(CONTENT, '') };
}

const readJson = async (path: string): Promise<GraphData> => readGraphJson(await readString(path), path);

const readString = (path: string): Promise<string> => readTextFile(path, 'a JSON or a .content file');
