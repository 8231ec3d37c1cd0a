import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DataError } from '../data-error.ts';
import { fileFault } from './file-fault.ts';

async function hashFile(algorithm: 'sha256' | 'md5', path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  try {
    for await (const piece of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new DataError(`${path}: could not be read: ${fileFault(error)}.`, { cause: error });
  }
  return hash.digest('hex');
}

/** SHA-256 of a file's bytes, in hex. @throws DataError if it can't be read. */
export const sha256File = (path: string, signal?: AbortSignal) => hashFile('sha256', path, signal);

/** MD5 of a file's bytes, in hex: for official checksums that are older. @throws DataError if it can't be read. */
export const md5File = (path: string, signal?: AbortSignal) => hashFile('md5', path, signal);
