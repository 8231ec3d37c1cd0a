import { DataError } from '@proj/io';
import type { Assets } from '../tasks/task.ts';

/** File of a run folder with the words, or the alphabet, of its model. */
export const VOCABULARY_FILE = 'vocabulary.json';

/** What a file of a run holds. @throws DataError if it is not JSON. */
export function parseAsset(assets: Assets, name: string): unknown {
  try {
    return JSON.parse(assets[name] ?? '');
  } catch (error) {
    throw new DataError(`${name} is not JSON: ${(error as Error).message}. Give the file as it was saved.`);
  }
}
