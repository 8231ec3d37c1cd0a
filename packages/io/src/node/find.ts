import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../data-error.ts';
import { type DataSet, dataSets, type Edition } from './data-sets.ts';
import { type DownloadOptions, downloadFile, fileMismatch } from './download.ts';
import { nearest } from './nearest.ts';

export interface PlaceOptions {
  /** Folder of ready data, by default the environment's PROJ_DATA_DIR. '' means none. */
  dataDir?: string;
  /** Folder for downloads, by default the user's cache folder. */
  cacheDir?: string;
  /** The registry, by default `dataSets`: for tests and for sets of one's own. */
  registry?: readonly DataSet[];
}

export type FetchOptions = PlaceOptions & DownloadOptions;

/** Where a data set's files lie, checked. */
export interface FoundDataSet {
  dataSet: DataSet;
  /** Where it came from, for the user to read: the folder, and what is not complete about it. */
  source: string;
  /** Paths in the order of the edition's files; empty for an embedded set. */
  files: string[];
  edition?: Edition;
}

/** The user's cache folder for downloaded data, after the habits of the system. */
export function userCacheDir(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'proj');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'proj');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'proj', 'Cache');
  return join(homedir(), '.cache', 'proj');
}

/** The data set of a name. @throws DataError that names the nearest right one. */
export function findDataSet(name: string, registry: readonly DataSet[] = dataSets): DataSet {
  const found = registry.find((dataSet) => dataSet.name === name);
  if (found) return found;
  const names = registry.map((dataSet) => dataSet.name);
  const near = nearest(name, names);
  throw new DataError(
    `unknown data set "${name}".${near ? ` Did you mean ${near}?` : ''} Known are ${names.join(', ')}; or give the path of a file or folder.`,
  );
}

/** The files in the data folder or the cache, checked by size and checksum; undefined if they are in neither. */
export async function locateDataSet(name: string, options: FetchOptions = {}): Promise<FoundDataSet | undefined> {
  const dataSet = findDataSet(name, options.registry);
  if (dataSet.embedded) return { dataSet, source: 'made by the project', files: [] };
  const dataDir = options.dataDir ?? process.env.PROJ_DATA_DIR;
  const places: [folder: string, edition: Edition][] = [];
  for (const edition of editionsOf(dataSet)) {
    if (dataDir) places.push([join(dataDir, edition.folder), edition]);
  }
  if (dataSet.official) places.push([join(options.cacheDir ?? userCacheDir(), dataSet.name), dataSet.official]);
  for (const [folder, edition] of places) {
    const files = edition.files.map((file) => join(folder, file.name));
    if (!(await allThere(files))) continue;
    for (const [i, file] of edition.files.entries()) {
      const fault = await fileMismatch(file, files[i]!, options.signal);
      if (fault === undefined) continue;
      throw new DataError(
        `${files[i]}: not the file of ${name}: ${fault}. Remove it and run "trainer data fetch ${name}".`,
      );
    }
    return { dataSet, source: edition.note ? `${folder} (${edition.note})` : folder, files, edition };
  }
  return undefined;
}

/**
 * Finds a data set, or downloads it into the cache folder.
 *
 * @throws DataError in one line if it can be had in no way.
 */
export async function fetchDataSet(name: string, options: FetchOptions = {}): Promise<FoundDataSet> {
  options.signal?.throwIfAborted();
  const found = await locateDataSet(name, options);
  if (found) return found;
  const dataSet = findDataSet(name, options.registry);
  const dataDir = options.dataDir ?? process.env.PROJ_DATA_DIR;
  const folder = join(options.cacheDir ?? userCacheDir(), name);
  const looked = `looked in ${dataDir ? `PROJ_DATA_DIR (${dataDir})` : 'PROJ_DATA_DIR (not set)'} and the cache ${folder}`;
  const official = dataSet.official;
  const missing = official?.files.find((file) => !file.urls?.length);
  if (!official || missing) {
    throw new DataError(
      `${name}: not found (${looked}) and it can't be downloaded. ${dataSet.supply ?? 'Supply it yourself'}, and put ${missing?.name} into ${folder}.`,
    );
  }
  for (const file of official.files) {
    const target = join(folder, file.name);
    if ((await allThere([target])) && (await fileMismatch(file, target, options.signal)) === undefined) continue;
    try {
      await downloadFile(file, target, options);
    } catch (error) {
      if (!(error instanceof DataError) || !error.message.includes('could not be downloaded')) throw error;
      throw new DataError(
        `${name}: ${error.message}; ${looked}. Set PROJ_DATA_DIR to a folder that has ${official.folder}/${file.name}, or run "trainer data fetch ${name}" where there is a network.`,
        { cause: error },
      );
    }
  }
  const there = await locateDataSet(name, options);
  if (!there) throw new DataError(`${name}: ${folder} lost its files while they were downloaded. Try again.`);
  return there;
}

export interface VerifyReport {
  name: string;
  source: string;
  files: { path: string; ok: true }[];
}

/**
 * Checks the files of a data set that are there, by size and checksum. Downloads nothing.
 *
 * @throws DataError if a file is absent or not the right one.
 */
export async function verifyDataSet(name: string, options: FetchOptions = {}): Promise<VerifyReport> {
  const found = await locateDataSet(name, options);
  if (!found) {
    throw new DataError(
      `${name}: not found in PROJ_DATA_DIR nor in ${join(options.cacheDir ?? userCacheDir(), name)}. Run "trainer data fetch ${name}".`,
    );
  }
  return { name, source: found.source, files: found.files.map((path) => ({ path, ok: true })) };
}

export interface ListedDataSet {
  name: string;
  kind: DataSet['kind'];
  summary: string;
  license: string;
  embedded: boolean;
  /** Its folder if it is there (by name and size, not hashed), else undefined. */
  source: string | undefined;
}

/** All data sets known by name, and where those are that are there. */
export async function listDataSets(options: PlaceOptions = {}): Promise<ListedDataSet[]> {
  const rows: ListedDataSet[] = [];
  for (const dataSet of options.registry ?? dataSets) {
    const { name, kind, summary, license, embedded } = dataSet;
    const found = await locateDataSet(name, options).catch(() => undefined);
    rows.push({ name, kind, summary, license, embedded, source: found?.source });
  }
  return rows;
}

const editionsOf = (dataSet: DataSet): Edition[] => [
  ...(dataSet.official ? [dataSet.official] : []),
  ...(dataSet.others ?? []),
];

async function allThere(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}
