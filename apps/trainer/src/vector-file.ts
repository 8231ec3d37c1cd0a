import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { DataError } from '@proj/io/node';

/** Bytes that a piece of vectors takes at most. */
const PIECE = 2 ** 22;

/** Longest header that is read. */
const MOST_HEADER = 2 ** 20;

/** Vectors in a safetensors file: one tensor `embeddings`, F32 [rows, columns], and strings about them. */
export interface VectorFile {
  readonly rows: number;
  readonly columns: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes vectors that come piece by piece, whole or not at all; memory is that of a piece. The file's SHA-256.
 *
 * @throws Error if there are not as many as `rows` says.
 */
export async function writeVectors(
  path: string,
  { rows, columns, metadata }: VectorFile,
  pieces: AsyncIterable<Float32Array>,
): Promise<string> {
  const tensor = { dtype: 'F32', shape: [rows, columns], data_offsets: [0, 4 * rows * columns] };
  const text = JSON.stringify({ __metadata__: metadata, embeddings: tensor });
  const header = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const hash = createHash('sha256');
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx');
  try {
    const write = async (bytes: Uint8Array) => {
      hash.update(bytes);
      await file.writeFile(bytes);
    };
    await write(length);
    await write(header);
    let left = rows * columns;
    for await (const piece of pieces) {
      left -= piece.length;
      await write(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    }
    if (left !== 0) throw new Error(`writeVectors: ${left} numbers are missing of ${rows} x ${columns}`);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  return hash.digest('hex');
}

/** What a file of `writeVectors` holds. @throws DataError if it is none, or cut off. */
export async function readVectorHeader(path: string): Promise<VectorFile> {
  const file = await opened(path);
  try {
    return (await headerOf(file, path)).found;
  } finally {
    await file.close();
  }
}

/** The vectors of such a file, piece by piece, each of whole rows. */
export async function* readVectors(path: string): AsyncGenerator<Float32Array, void> {
  const file = await opened(path);
  try {
    const { found, start } = await headerOf(file, path);
    const rows = Math.max(1, Math.floor(PIECE / (4 * found.columns)));
    for (let row = 0; row < found.rows; row += rows) {
      const piece = new Float32Array(Math.min(rows, found.rows - row) * found.columns);
      await file.read(new Uint8Array(piece.buffer), 0, piece.byteLength, start + 4 * row * found.columns);
      yield piece;
    }
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new DataError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}

async function headerOf(file: FileHandle, path: string): Promise<{ found: VectorFile; start: number }> {
  const foreign = () => new DataError(`${path}: expected vectors of trainer encode, this is another file.`);
  const { size } = await file.stat();
  const length = Buffer.alloc(8);
  await file.read(length, 0, 8, 0);
  const header = Number(length.readBigUInt64LE());
  if (size < 8 || header > Math.min(size - 8, MOST_HEADER)) throw foreign();
  const text = Buffer.alloc(header);
  await file.read(text, 0, header, 8);
  let parsed: { __metadata__?: Record<string, string>; embeddings?: { dtype: string; shape: number[] } };
  try {
    parsed = JSON.parse(text.toString('utf8')) as typeof parsed;
  } catch {
    throw foreign();
  }
  const { __metadata__: metadata = {}, embeddings } = parsed;
  const [rows, columns] = embeddings?.shape ?? [];
  const characters = Number(metadata.characters);
  const whole = [rows, columns, characters].every((n) => Number.isSafeInteger(n) && n! >= 0);
  if (embeddings?.dtype !== 'F32' || !whole) throw foreign();
  if (size !== 8 + header + 4 * rows! * columns!) {
    throw new DataError(`${path}: expected ${8 + header + 4 * rows! * columns!} bytes, got ${size}: it is cut off.`);
  }
  return { found: { rows: rows!, columns: columns!, metadata }, start: 8 + header };
}
