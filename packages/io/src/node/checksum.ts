import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DataError } from '../data-error.ts';
import { grouped } from '../internal/shape.ts';
import type { DataFile } from './data-sets.ts';
import { fileFault } from './file-fault.ts';

async function hashFile(algorithm: 'sha256' | 'md5', path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  try {
    for await (const piece of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  } catch (error) {
    signal?.throwIfAborted();
    throw new DataError(`${path}: could not be read: ${fileFault(error)}.`, { cause: error });
  }
  return hash.digest('hex');
}

/** SHA-256 of a file's bytes, in hex. @throws DataError if it can't be read. */
export const sha256File = (path: string, signal?: AbortSignal) => hashFile('sha256', path, signal);

/** MD5 of a file's bytes, in hex: for official checksums that are older. @throws DataError if it can't be read. */
export const md5File = (path: string, signal?: AbortSignal) => hashFile('md5', path, signal);

/** How a file's size differs from what its data set says, or undefined. */
export async function sizeMismatch(file: DataFile, path: string): Promise<string | undefined> {
  const { size } = await stat(path);
  if (file.bytes === undefined || file.bytes === size) return undefined;
  return `expected ${grouped(file.bytes)} bytes, got ${grouped(size)}`;
}

/** How a file differs from what its data set says, in size or checksum, or undefined if it is the right one. */
export async function fileMismatch(file: DataFile, path: string, signal?: AbortSignal): Promise<string | undefined> {
  const size = await sizeMismatch(file, path);
  if (size !== undefined) return size;
  const [title, expected, hash] = file.sha256
    ? (['SHA-256', file.sha256, sha256File] as const)
    : (['MD5', file.md5, md5File] as const);
  if (expected === undefined) return undefined;
  const actual = await hash(path, signal);
  return actual === expected ? undefined : `expected ${title} ${expected}, got ${actual}`;
}
