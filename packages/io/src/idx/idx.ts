import { DataError } from '../data-error.ts';
import { gunzipPieces, MAX_DEFLATE_RATIO } from '../internal/gunzip.ts';
import { bytesText, checkShape, elements, grouped } from '../internal/shape.ts';
import { isGzip, looksLike } from '../internal/signature.ts';

export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface Idx {
  data: IdxArray;
  shape: number[];
}

const SIZES: Readonly<Record<number, number>> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };

/**
 * Reads an idx file, the format of MNIST: two zero bytes, a type byte, the number of axes, the size of each axis
 * (32 bit), then the values, all big-endian. Gzip is told by its first bytes.
 *
 * Nothing is allocated for what the header declares before the length of the file is known to hold it.
 *
 * @param options.name is what an error calls the file.
 * @throws DataError if the bytes are no idx file, are cut off, or go on after the end.
 */
export function readIdx(bytes: Uint8Array, options: { name?: string } = {}): Idx {
  const name = options.name ?? 'idx file';
  if (isGzip(bytes)) return readGzipped(bytes, name);
  const header = readIdxHeader(bytes, name);
  if (header === undefined) throw cutOff(name, bytes);
  if (bytes.length !== header.total) throw wrongLength(name, header, bytes.length);
  return { data: values(bytes.subarray(header.start), header), shape: header.shape };
}

/** Writes an idx file; the type follows from the array. Not gzipped. */
export function writeIdx({ data, shape }: Idx): Uint8Array {
  checkShape('writeIdx', data.length, shape);
  if (shape.length > 255) throw new RangeError(`writeIdx: idx holds at most 255 axes, got ${shape.length}.`);
  const type = typeOf(data);
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((size, axis) => {
    if (size > 0xffffffff) throw new RangeError(`writeIdx: an axis holds less than 2^32, got ${size}.`);
    view.setUint32(4 + 4 * axis, size);
  });
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  bytes.set(raw, start);
  swapToHost(bytes.subarray(start), SIZES[type]!);
  return bytes;
}

export interface IdxHeader {
  type: number;
  shape: number[];
  /** Bytes before the values. */
  start: number;
  /** Bytes of the whole file, unpacked. */
  total: number;
}

/**
 * The header alone; undefined if the bytes stop before its end.
 *
 * @throws DataError if it is not one of idx.
 */
export function readIdxHeader(bytes: Uint8Array, name: string): IdxHeader | undefined {
  const wrongStart = bytes.subarray(0, 2).some((byte) => byte !== 0);
  const type = bytes[2];
  if (bytes.length === 0 || wrongStart || (type !== undefined && SIZES[type] === undefined)) {
    throw new DataError(
      `${name}: expected an idx file (first bytes 00 00, then a type 08 09 0b 0c 0d or 0e), got ${looksLike(bytes)}. Give a file such as train-images-idx3-ubyte.gz.`,
    );
  }
  const axes = bytes[3];
  if (type === undefined || axes === undefined || bytes.length < 4 + 4 * axes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const start = 4 + 4 * axes;
  return { type, shape, start, total: start + elements(shape) * SIZES[type]! };
}

function readGzipped(bytes: Uint8Array, name: string): Idx {
  let head = new Uint8Array(0);
  let header: IdxHeader | undefined;
  let body: Uint8Array | undefined;
  let length = 0;
  const take = (piece: Uint8Array) => {
    if (header === undefined || body === undefined) {
      const joined = new Uint8Array(head.length + piece.length);
      joined.set(head);
      joined.set(piece, head.length);
      head = joined;
      length = head.length;
      if (length === 0) return;
      header = readIdxHeader(head, name);
      if (header === undefined) return;
      if (header.total > (bytes.length + 1) * MAX_DEFLATE_RATIO) {
        throw new DataError(
          `${name}: the header declares shape [${header.shape}], ${bytesText(header.total)}, more than ${bytesText(bytes.length)} of gzip can hold. The file is damaged; fetch it again.`,
        );
      }
      if (length > header.total) throw wrongLength(name, header, length);
      body = new Uint8Array(header.total - header.start);
      body.set(head.subarray(header.start));
      return;
    }
    if (length + piece.length > header.total) throw wrongLength(name, header, length + piece.length, true);
    body.set(piece, length - header.start);
    length += piece.length;
  };
  gunzipPieces(bytes, name, take);
  if (header === undefined || body === undefined) throw cutOff(name, head);
  if (length !== header.total) throw wrongLength(name, header, length);
  return { data: values(body, header), shape: header.shape };
}

function cutOff(name: string, bytes: Uint8Array): DataError {
  if (bytes.length === 0) return new DataError(`${name}: expected an idx file, got an empty file. Fetch it again.`);
  return new DataError(
    `${name}: expected an idx file, got ${bytesText(bytes.length)} that end inside its header. The file is cut off; fetch it again.`,
  );
}

/** The error for a file that is shorter or longer than its header says. */
export function wrongLength(name: string, header: IdxHeader, length: number, atLeast = false): DataError {
  const declared = `the header declares shape [${header.shape}], ${grouped(header.total)} bytes in all`;
  const got = `got ${atLeast ? 'at least ' : ''}${bytesText(length)}`;
  const fault = length < header.total ? 'The file is cut off' : 'There are bytes after the end';
  return new DataError(`${name}: ${declared}, ${got}. ${fault}; fetch it again.`);
}

/** The values as a typed array of their own: `bytes` hold them exactly. */
function values(bytes: Uint8Array, { type }: IdxHeader): IdxArray {
  const own = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  swapToHost(own, SIZES[type]!);
  switch (type) {
    case 8:
      return own;
    case 9:
      return new Int8Array(own.buffer);
    case 11:
      return new Int16Array(own.buffer);
    case 12:
      return new Int32Array(own.buffer);
    case 13:
      return new Float32Array(own.buffer);
    default:
      return new Float64Array(own.buffer);
  }
}

function typeOf(data: IdxArray): number {
  if (data instanceof Uint8Array) return 8;
  if (data instanceof Int8Array) return 9;
  if (data instanceof Int16Array) return 11;
  if (data instanceof Int32Array) return 12;
  if (data instanceof Float32Array) return 13;
  if (data instanceof Float64Array) return 14;
  throw new TypeError(
    'writeIdx: idx holds Uint8Array, Int8Array, Int16Array, Int32Array, Float32Array or Float64Array. Convert first.',
  );
}

/** Big-endian to the machine's order and back, in place. */
function swapToHost(bytes: Uint8Array, size: number): void {
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  if (!littleEndian || size === 1) return;
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < size / 2; i++) {
      const other = at + size - 1 - i;
      const byte = bytes[at + i]!;
      bytes[at + i] = bytes[other]!;
      bytes[other] = byte;
    }
  }
}
