import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { DataError, UnavailableError } from '../data-error.ts';
import { fileMismatch, sizeMismatch } from './checksum.ts';
import { type DataFile, type DataSet, dataSets, type Edition } from './data-sets.ts';
import { type DownloadOptions, downloadFile } from './download.ts';

export interface PlaceOptions {
  /** Folder of ready data, by default the environment's PROJ_DATA_DIR; '' means none. Never written to. */
  dataDir?: string;
  /** Folder for downloads, by default `userCacheDir()`. */
  cacheDir?: string;
  /** The sets that are known, by default `dataSets`. */
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
  /** Which form of it was found; absent for an embedded set. */
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
  throw new DataError(
    `unknown data set "${name}". Did you mean ${closest(name.toLowerCase(), names)}? Known are ${names.join(', ')}; or give the path of a file or folder.`,
  );
}

/**
 * Finds a data set in the data folder or the cache, or downloads it into the cache.
 *
 * The files are compared with the official size and checksum every time. A damaged file in the cache is downloaded
 * anew; one in the data folder is the user's, so it is an error.
 *
 * @throws DataError in one line if it can be had in no way; the signal's reason if it aborts.
 */
export async function fetchDataSet(name: string, options: FetchOptions = {}): Promise<FoundDataSet> {
  options.signal?.throwIfAborted();
  const dataSet = findDataSet(name, options.registry);
  const ready = embedded(dataSet) ?? (await inDataDir(dataSet, options, fileMismatch));
  if (ready) return ready;
  const folder = cacheFolder(dataSet, options);
  const edition = dataSet.official;
  const missing = edition?.files.find((file) => !file.urls?.length);
  if (!edition || missing) {
    const cached = await inCache(dataSet, options, fileMismatch);
    if (cached) return cached;
    throw new UnavailableError(
      `${name}: not found (${looked(folder, options)}) and it can't be downloaded. ${dataSet.supply ?? 'Supply it'}, and put ${missing?.name ?? 'it'} into ${folder}.`,
    );
  }
  for (const file of edition.files) {
    const target = join(folder, file.name);
    if ((await allThere([target])) && (await fileMismatch(file, target, options.signal)) === undefined) continue;
    await downloadFile(file, target, options).catch((error: unknown) => {
      if (!(error instanceof DataError) || !error.message.includes('could not be downloaded')) throw error;
      throw new UnavailableError(
        `${name}: ${error.message}; ${looked(folder, options)}. Set PROJ_DATA_DIR to a folder that has ${edition.folder}/${file.name}, or run "trainer data fetch ${name}" where there is a network.`,
        { cause: error },
      );
    });
  }
  return foundIn(dataSet, edition, folder);
}

export interface VerifyReport {
  name: string;
  source: string;
  /** Paths of the files, each compared with its size and checksum. */
  files: string[];
}

/**
 * Checks the files of a data set that are there, by size and checksum. Downloads nothing.
 *
 * @throws DataError if they are absent or not the right ones.
 */
export async function verifyDataSet(name: string, options: FetchOptions = {}): Promise<VerifyReport> {
  const dataSet = findDataSet(name, options.registry);
  const found =
    embedded(dataSet) ??
    (await inDataDir(dataSet, options, fileMismatch)) ??
    (await inCache(dataSet, options, fileMismatch));
  if (found) return { name, source: found.source, files: found.files };
  const folder = cacheFolder(dataSet, options);
  throw new UnavailableError(`${name}: not found (${looked(folder, options)}). Run "trainer data fetch ${name}".`);
}

export interface ListedDataSet {
  name: string;
  kind: DataSet['kind'];
  summary: string;
  license: string;
  embedded: boolean;
  /** Where it is, if it is there; told by names and sizes, `verifyDataSet` looks closer. */
  source: string | undefined;
}

/** All data sets known by name, and where those are that are there. */
export async function listDataSets(options: PlaceOptions = {}): Promise<ListedDataSet[]> {
  const rows: ListedDataSet[] = [];
  for (const dataSet of options.registry ?? dataSets) {
    const { name, kind, summary, license } = dataSet;
    const quick = async () =>
      embedded(dataSet) ??
      (await inDataDir(dataSet, options, sizeMismatch)) ??
      (await inCache(dataSet, options, sizeMismatch));
    const found = await quick().catch(() => undefined);
    rows.push({ name, kind, summary, license, embedded: dataSet.embedded, source: found?.source });
  }
  return rows;
}

type Check = (file: DataFile, path: string, signal?: AbortSignal) => Promise<string | undefined>;

function embedded(dataSet: DataSet): FoundDataSet | undefined {
  return dataSet.embedded ? { dataSet, source: 'made by the project', files: [] } : undefined;
}

/** The first edition of which the data folder has all files. */
async function inDataDir(dataSet: DataSet, options: FetchOptions, check: Check): Promise<FoundDataSet | undefined> {
  const dataDir = dataDirOf(options);
  if (!dataDir) return undefined;
  for (const edition of [dataSet.official, ...(dataSet.others ?? [])]) {
    const found = edition && (await inFolder(dataSet, edition, join(dataDir, edition.folder), check, options.signal));
    if (found) return found;
  }
  return undefined;
}

async function inCache(dataSet: DataSet, options: FetchOptions, check: Check): Promise<FoundDataSet | undefined> {
  if (!dataSet.official) return undefined;
  return inFolder(dataSet, dataSet.official, cacheFolder(dataSet, options), check, options.signal);
}

/** @throws DataError if all files are there and one of them is not what it should be. */
async function inFolder(dataSet: DataSet, edition: Edition, folder: string, check: Check, signal?: AbortSignal) {
  const found = foundIn(dataSet, edition, folder);
  if (!(await allThere(found.files))) return undefined;
  const faults = await Promise.all(edition.files.map((file, i) => check(file, found.files[i]!, signal)));
  const wrong = faults.findIndex((fault) => fault !== undefined);
  if (wrong < 0) return found;
  throw new UnavailableError(
    `${found.files[wrong]}: not the file of ${dataSet.name}: ${faults[wrong]}. Remove it and run "trainer data fetch ${dataSet.name}".`,
  );
}

function foundIn(dataSet: DataSet, edition: Edition, folder: string): FoundDataSet {
  const files = edition.files.map((file) => join(folder, file.name));
  return { dataSet, source: edition.note ? `${folder} (${edition.note})` : folder, files, edition };
}

const dataDirOf = (options: PlaceOptions) => options.dataDir ?? process.env.PROJ_DATA_DIR;

const cacheFolder = (dataSet: DataSet, options: PlaceOptions) => join(options.cacheDir ?? userCacheDir(), dataSet.name);

const looked = (folder: string, options: PlaceOptions) =>
  `looked in PROJ_DATA_DIR (${dataDirOf(options) || 'not set'}) and in the cache ${folder}`;

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
