import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { DataError } from '../data-error.ts';
import { type Idx, readIdx, readIdxHeader, wrongLength } from '../idx/idx.ts';
import { MAX_DEFLATE_RATIO } from '../internal/gunzip.ts';
import { grouped } from '../internal/shape.ts';
import { isGzip } from '../internal/signature.ts';
import { fileFault } from './file-fault.ts';
import type { RawImages } from './image-data.ts';

/** Reads a file, or says in one line why not. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(`${path}: could not be read: ${fileFault(error)}.`, { cause: error });
  }
}

/** Images of an idx file [N, H, W] or [N, H, W, C], and their labels from another. */
export async function readIdxImages(imagesPath: string, labelsPath?: string): Promise<RawImages> {
  const { data, shape } = await readIdxFile(imagesPath);
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (!(data instanceof Uint8Array) || shape.length < 3 || shape.length > 4 || data.length === 0) {
    throw new DataError(
      `${imagesPath}: expected images, bytes of shape [N, H, W] or [N, H, W, C], got ${data.constructor.name} of shape [${shape}].`,
    );
  }
  const labels = labelsPath === undefined ? undefined : await readLabels(labelsPath, count);
  return { images: data, ...(labels && { labels }), count, height, width, channels };
}

async function readLabels(path: string, count: number): Promise<Uint8Array> {
  const { data, shape } = await readIdxFile(path);
  if (!(data instanceof Uint8Array) || shape.length !== 1) {
    throw new DataError(`${path}: expected labels, bytes of shape [N], got ${data.constructor.name} of [${shape}].`);
  }
  if (data.length !== count) {
    throw new DataError(`${path}: expected ${grouped(count)} labels, one an image, got ${grouped(data.length)}.`);
  }
  return data;
}

const inflate = promisify(gunzip);

/** `readIdx`, with Node's faster gunzip, off the main thread. */
async function readIdxFile(path: string): Promise<Idx> {
  const bytes = await readBytes(path);
  return readIdx(isGzip(bytes) ? await unpack(bytes, path) : bytes, { name: path });
}

/** Looks at the header first, so that no more is unpacked than it declares. What fails is left to `readIdx` to explain. */
async function unpack(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4 << 20 };
  const head = await inflate(bytes.subarray(0, 2048), options).catch(() => undefined); // Z_SYNC_FLUSH: it goes on
  const header = head && readIdxHeader(head, name);
  if (header === undefined || header.total > (bytes.length + 1) * MAX_DEFLATE_RATIO) return bytes;
  return inflate(bytes, { maxOutputLength: header.total, chunkSize: 1 << 20 }).catch((error: { code?: string }) => {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw wrongLength(name, header, header.total + 1, true);
    return bytes;
  });
}
