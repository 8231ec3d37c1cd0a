import { DataError } from '../data-error.ts';
import { gunzipPieces } from '../internal/gunzip.ts';
import { isGzip, looksLike } from '../internal/signature.ts';
import { readBytes } from './idx-images.ts';

/**
 * Text of a UTF-8 file, unpacked if it is gzip; a byte order mark is dropped.
 *
 * @param wanted is what the user should give, for the error: "a text file".
 * @throws DataError in one line if the file can't be read, is damaged, is not UTF-8, or is larger than 512 MB.
 */
export async function readTextFile(path: string, wanted: string): Promise<string> {
  const bytes = await readBytes(path);
  if (!isGzip(bytes)) return decode(bytes, path, wanted);
  const pieces: Uint8Array[] = [];
  let total = 0;
  gunzipPieces(bytes, path, (piece) => {
    total += piece.length;
    if (total > 2 ** 29) throw new DataError(`${path}: expected at most 512 MB of text, it unpacks to more.`);
    pieces.push(piece.slice());
  });
  return decode(Buffer.concat(pieces), path, wanted);
}

function decode(bytes: Uint8Array, path: string, wanted: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch (error) {
    throw notText(bytes, path, wanted, error);
  }
  throw notText(bytes, path, wanted);
}

function notText(bytes: Uint8Array, path: string, wanted: string, cause?: unknown): DataError {
  const kind = looksLike(bytes);
  const message = /text|^bytes/.test(kind)
    ? `expected text in UTF-8, line ${firstForeignLine(bytes)} is not. Save the file as UTF-8, or give ${wanted}.`
    : `expected text, got ${kind}. Give ${wanted}.`;
  return new DataError(`${path}: ${message}`, { cause });
}

/** The number of the first line that is not UTF-8, or holds the character 0, as UTF-16 does. */
function firstForeignLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    try {
      if (decoder.decode(bytes.subarray(start, end)).includes('\0')) return line;
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}
