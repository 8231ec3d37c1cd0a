import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UnavailableError } from '../data-error.ts';
import { fileFault } from './file-fault.ts';

/** What a file is written from: pieces as they come take no more memory than one of them. */
export type FileSource = Uint8Array | string | AsyncIterable<Uint8Array | string>;

/**
 * Writes a file whole or not at all: first beside its place, then to the disk, then renamed over the old one.
 *
 * If anything fails the old file stays as it was and nothing is left beside it. Missing folders are made, the old
 * file's permissions are kept, and a link stays a link.
 *
 * @throws UnavailableError in one line: no space, no permission, a folder in its place. What `source` throws comes through.
 */
export async function writeFileAtomic(path: string, source: FileSource): Promise<void> {
  const target = await realpath(path).catch(() => resolve(path));
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target).slice(0, 64)}.${randomBytes(6).toString('hex')}.tmp`);
  let sourceFailed = false;
  const pieces = async function* () {
    if (typeof source === 'string' || source instanceof Uint8Array) {
      yield source;
      return;
    }
    try {
      yield* source;
    } catch (error) {
      sourceFailed = true;
      throw error;
    }
  };
  try {
    await mkdir(folder, { recursive: true });
    const mode = await stat(target).then(
      (old) => old.mode & 0o777,
      () => 0o666,
    );
    const file = await open(temporary, 'wx', mode);
    try {
      for await (const piece of pieces()) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (sourceFailed) throw error;
    throw new UnavailableError(
      `${path}: could not be written: ${fileFault(error)}. What was there before is unchanged.`,
      {
        cause: error,
      },
    );
  }
  await syncFolder(folder);
}

/** Makes the new name itself safe from a power cut. Windows can't open a folder, and does not need it. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Some file systems refuse to sync a folder: the file itself is safe already.
  }
}
