import { gunzipSync } from 'node:zlib';
import { UnavailableError } from '../data-error.ts';
import { bytesText } from '../internal/shape.ts';
import { readBytes } from './idx-images.ts';
import type { RawImages } from './image-data.ts';

const RECORD = 3073;
const PLANE = 1024;

/** CIFAR-10 from its official archive, or from one file of its records. Colour planes become pixels [32, 32, 3]. */
export async function readCifar(path: string): Promise<{ training: RawImages; test?: RawImages }> {
  const bytes = unpack(await readBytes(path), path);
  if (!path.endsWith('.tar.gz')) return { training: readRecords([bytes], path) };
  const files = readTar(bytes, path);
  const named = (pattern: RegExp) =>
    [...files].filter(([name]) => pattern.test(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const batches = named(/data_batch_[1-5]\.bin$/);
  const tests = named(/test_batch\.bin$/);
  if (batches.length !== 5 || tests.length !== 1) {
    throw new UnavailableError(
      `${path}: expected data_batch_1.bin to 5 and test_batch.bin, got ${[...files.keys()].join(', ')}.`,
    );
  }
  const contents = (entries: typeof batches) => entries.map(([, content]) => content);
  return { training: readRecords(contents(batches), path), test: readRecords(contents(tests), path) };
}

function unpack(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: 1 << 28 }); // the whole archive unpacks to 184 MB
  } catch (error) {
    throw new UnavailableError(`${path}: could not be unpacked (${(error as Error).message}). Fetch it again.`, {
      cause: error,
    });
  }
}

function readRecords(parts: readonly Uint8Array[], path: string): RawImages {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  if (total === 0 || parts.some((part) => part.length % RECORD !== 0)) {
    throw new UnavailableError(
      `${path}: expected records of ${RECORD} bytes, got ${bytesText(total)}. Fetch it again.`,
    );
  }
  const count = total / RECORD;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  let i = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += RECORD, i++) {
      labels[i] = part[at]!;
      for (let pixel = 0; pixel < PLANE; pixel++) {
        const to = (i * PLANE + pixel) * 3;
        images[to] = part[at + 1 + pixel]!;
        images[to + 1] = part[at + 1 + PLANE + pixel]!;
        images[to + 2] = part[at + 1 + 2 * PLANE + pixel]!;
      }
    }
  }
  return { images, labels, count, height: 32, width: 32, channels: 3 };
}

/** The plain files of a tar archive: blocks of 512 bytes, a header (name, octal size) before each file. */
function readTar(bytes: Uint8Array, path: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (from: number, length: number) =>
    String.fromCharCode(...bytes.subarray(from, from + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12).trim() || '0', 8);
    if (!(size >= 0) || at + 512 + size > bytes.length) {
      throw new UnavailableError(`${path}: the archive is cut off or damaged. Fetch it again.`);
    }
    const kind = text(at + 156, 1);
    if (kind === '0' || kind === '') files.set(text(at, 100), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
