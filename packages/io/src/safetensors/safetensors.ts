import { DataError } from '../data-error.ts';
import type { NumericArray } from '../internal/numeric-array.ts';
import { bytesText, checkShape, elements, grouped } from '../internal/shape.ts';
import { looksLike } from '../internal/signature.ts';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts';
import { duplicateKey } from './json.ts';

/** Sizes in bytes; the order is that in which `writeSafetensors` lays tensors out, so that each is aligned. */
const SIZES = {
  U64: 8,
  I64: 8,
  F64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsDtype = keyof typeof SIZES;

/** F16 and BF16 are held as Float32Array, BOOL as Uint8Array of 0 and 1, I64 and U64 as big integers. */
export type SafetensorsArray = NumericArray;

export interface SafetensorsTensor {
  dtype: SafetensorsDtype;
  shape: number[];
  data: SafetensorsArray;
}

export interface SafetensorsFile {
  tensors: Record<string, SafetensorsTensor>;
  metadata: Record<string, string>;
}

const DTYPES = Object.keys(SIZES) as SafetensorsDtype[];
const MAX_HEADER = 100_000_000; // the limit of the reference reader
const METADATA = '__metadata__';

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, then the values, all little-endian.
 *
 * As strict as the reference: the ranges of the tensors must fill the data exactly, with no gap and no overlap, and no
 * key may occur twice. The arrays are copies, so `bytes` may be reused.
 *
 * @throws DataError that names the first fault.
 */
export function readSafetensors(bytes: Uint8Array, options: { name?: string } = {}): SafetensorsFile {
  const name = options.name ?? 'safetensors file';
  const { header, start } = readHeader(bytes, name);
  const metadata = readMetadata(header[METADATA], name);
  const entries = Object.entries(header)
    .filter(([key]) => key !== METADATA)
    .map(([key, value]) => readEntry(key, value, name));
  checkRanges(entries, bytes.length - start, name);
  const tensors = entries.map(({ key, dtype, shape, begin, end }) => {
    const data = decode(dtype, new Uint8Array(bytes.subarray(start + begin, start + end)), `${name}: tensor "${key}"`);
    return [key, { dtype, shape, data }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/**
 * Writes a safetensors file. Without `dtype` the type follows from the array; `F16` and `BF16` round a Float32Array to
 * the nearest, `BOOL` takes a Uint8Array of 0 and 1. Same tensors, same bytes: they are sorted by size of type, then name.
 *
 * @throws RangeError or TypeError if a shape, a type or a metadata value does not fit.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, { dtype?: SafetensorsDtype; shape: readonly number[]; data: SafetensorsArray }>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = [];
  if (metadata !== undefined) {
    for (const [key, value] of Object.entries(metadata)) {
      if (typeof value !== 'string') {
        throw new TypeError(`writeSafetensors: metadata are strings, got ${typeof value} for "${key}". Use String().`);
      }
    }
    header.push([METADATA, metadata]);
  }
  const sorted = Object.entries(tensors)
    .map(([key, tensor]) => ({ key, ...tensor, dtype: checkedDtype(key, tensor) }))
    .sort((a, b) => DTYPES.indexOf(a.dtype) - DTYPES.indexOf(b.dtype) || (a.key < b.key ? -1 : 1));
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { key, dtype, shape, data } of sorted) {
    const part = encode(dtype, data);
    header.push([key, { dtype, shape: [...shape], data_offsets: [at, at + part.length] }]);
    parts.push(part);
    at += part.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerSize = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerSize + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerSize), true);
  file.fill(0x20, 8, 8 + headerSize);
  file.set(json, 8);
  at = 8 + headerSize;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function readHeader(bytes: Uint8Array, name: string): { header: Record<string, unknown>; start: number } {
  const foreign = (fault: string) =>
    new DataError(`${name}: expected a safetensors file, ${fault}. Give a whole .safetensors file.`);
  if (bytes.length < 8) throw foreign(`got ${bytesText(bytes.length)}, less than its 8 bytes of header length`);
  const size = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const looks = () => (looksLike(bytes).startsWith('bytes') ? '' : ` (it looks like ${looksLike(bytes)})`);
  if (size > MAX_HEADER) {
    throw foreign(`got a header of ${bytesText(size)}, where ${grouped(MAX_HEADER)} are the limit${looks()}`);
  }
  const start = 8 + Number(size);
  if (start > bytes.length) {
    throw foreign(
      `got a header of ${bytesText(size)} in a file of ${bytesText(bytes.length)}: it is cut off${looks()}`,
    );
  }
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
    header = JSON.parse(text);
  } catch (error) {
    throw foreign(`got a header that is not JSON (${oneLine(error)})`);
  }
  if (!text.startsWith('{') || !isObject(header)) throw foreign('got a header that does not begin with "{"');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw foreign(`got a header that has the key "${twice}" twice`);
  return { header, start };
}

function readMetadata(value: unknown, name: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || !Object.values(value).every((item) => typeof item === 'string')) {
    throw new DataError(`${name}: ${METADATA} must map strings to strings. Write other values as JSON text.`);
  }
  return value as Record<string, string>;
}

interface Entry {
  key: string;
  dtype: SafetensorsDtype;
  shape: number[];
  begin: number;
  end: number;
}

function readEntry(key: string, value: unknown, name: string): Entry {
  const where = `${name}: tensor "${key}"`;
  if (!isObject(value)) throw new DataError(`${where}: expected {dtype, shape, data_offsets}, got ${short(value)}.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!DTYPES.includes(dtype as SafetensorsDtype)) {
    throw new DataError(
      `${where}: expected a dtype of ${DTYPES.join(', ')}, got ${short(dtype)}. Convert it to F32 first.`,
    );
  }
  if (!naturals(shape)) throw new DataError(`${where}: a shape is natural numbers, got ${short(shape)}.`);
  if (!naturals(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw new DataError(`${where}: data_offsets are [begin, end] with begin <= end, got ${short(offsets)}.`);
  }
  const [begin, end] = offsets as [number, number];
  const size = elements(shape) * SIZES[dtype as SafetensorsDtype];
  if (size !== end - begin) {
    throw new DataError(
      `${where}: ${dtype} of shape [${shape}] takes ${bytesText(size)}, its data_offsets hold ${grouped(end - begin)}. The file is damaged.`,
    );
  }
  return { key, dtype: dtype as SafetensorsDtype, shape, begin, end };
}

/** The ranges, sorted, must follow each other from 0 to the end of the data. */
function checkRanges(entries: readonly Entry[], length: number, name: string): void {
  let at = 0;
  for (const { key, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const where = `${name}: tensor "${key}"`;
    if (end > length) {
      throw new DataError(
        `${where}: its data end at byte ${grouped(end)} of ${grouped(length)}. The file is cut off or damaged; fetch it again.`,
      );
    }
    if (begin < at) {
      throw new DataError(`${where}: its data overlap those before it (from ${begin}, expected ${at}). It is damaged.`);
    }
    if (begin > at) {
      throw new DataError(`${where}: a gap before its data (from ${begin}, expected ${at}). The file is damaged.`);
    }
    at = end;
  }
  if (at !== length) {
    throw new DataError(
      `${name}: the tensors fill ${bytesText(at)} of data, the file has ${grouped(length)}. There are bytes after the end; write it again.`,
    );
  }
}

/** `bytes` are a copy at offset 0, so the arrays are aligned. All engines that run JavaScript are little-endian today. */
function decode(dtype: SafetensorsDtype, bytes: Uint8Array, where: string): SafetensorsArray {
  const { buffer } = bytes;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), fromFloat16);
    case 'BF16':
      return Float32Array.from(new Uint16Array(buffer), fromBfloat16);
    case 'I8':
      return new Int8Array(buffer);
    case 'U8':
      return bytes;
    case 'BOOL': {
      const odd = bytes.find((byte) => byte > 1);
      if (odd !== undefined) throw new DataError(`${where}: BOOL is 0 or 1, got ${odd}. The file is damaged.`);
      return bytes;
    }
    case 'I16':
      return new Int16Array(buffer);
    case 'U16':
      return new Uint16Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'U32':
      return new Uint32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U64':
      return new BigUint64Array(buffer);
  }
}

function encode(dtype: SafetensorsDtype, data: SafetensorsArray): Uint8Array {
  if (dtype === 'F16') return new Uint8Array(Uint16Array.from(data as Float32Array, toFloat16).buffer);
  if (dtype === 'BF16') return new Uint8Array(Uint16Array.from(data as Float32Array, toBfloat16).buffer);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function checkedDtype(
  key: string,
  { dtype, shape, data }: { dtype?: SafetensorsDtype; shape: readonly number[]; data: SafetensorsArray },
): SafetensorsDtype {
  const who = `writeSafetensors: tensor "${key}"`;
  if (key === METADATA) throw new RangeError(`${who}: the name is taken by the format. Rename the tensor.`);
  checkShape(who, data.length, shape);
  const own = dtypeOf(data);
  if (own === undefined) throw new TypeError(`${who}: expected a typed array that safetensors can hold.`);
  if (dtype === undefined || dtype === own) return own;
  const fits = (own === 'F32' && (dtype === 'F16' || dtype === 'BF16')) || (own === 'U8' && dtype === 'BOOL');
  if (!fits) throw new TypeError(`${who}: dtype ${dtype} does not fit an array of ${own}. Omit it or convert.`);
  if (dtype === 'BOOL' && (data as Uint8Array).some((value) => value > 1)) {
    throw new RangeError(`${who}: BOOL is 0 or 1, got another value. Use U8.`);
  }
  return dtype;
}

function dtypeOf(data: SafetensorsArray): SafetensorsDtype | undefined {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int8Array) return 'I8';
  if (data instanceof Uint8Array) return 'U8';
  if (data instanceof Int16Array) return 'I16';
  if (data instanceof Uint16Array) return 'U16';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Uint32Array) return 'U32';
  if (data instanceof BigInt64Array) return 'I64';
  if (data instanceof BigUint64Array) return 'U64';
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const naturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

const oneLine = (error: unknown) => String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ');

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
