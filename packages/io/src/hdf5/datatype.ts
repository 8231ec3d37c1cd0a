import { fromBfloat16, fromFloat16 } from '../safetensors/half.ts';
import type { FileBytes } from './file-bytes.ts';
import type { Hdf5Array } from './tree.ts';

/** Types of values that this reader knows; a boolean of h5py is an enumeration, read as its integers. */
export type Datatype =
  | { kind: 'number'; size: number; bigEndian: boolean; decode: (bytes: ArrayBuffer) => Hdf5Array }
  | { kind: 'fixed-string'; size: number; trim: (text: string) => string }
  | { kind: 'variable-string'; size: 16 }
  | { kind: 'unknown'; size: number; what: string };

const CLASSES = ['integer', 'float', 'time', 'string', 'bitfield', 'opaque', 'compound', 'reference', 'enumeration'];

const INTEGERS: Record<string, (bytes: ArrayBuffer) => Hdf5Array> = {
  'signed 1': (bytes) => new Int8Array(bytes),
  'signed 2': (bytes) => new Int16Array(bytes),
  'signed 4': (bytes) => new Int32Array(bytes),
  'signed 8': (bytes) => new BigInt64Array(bytes),
  'unsigned 1': (bytes) => new Uint8Array(bytes),
  'unsigned 2': (bytes) => new Uint16Array(bytes),
  'unsigned 4': (bytes) => new Uint32Array(bytes),
  'unsigned 8': (bytes) => new BigUint64Array(bytes),
};

/** By precision, where exponent and mantissa begin and how wide they are, and the bias of the exponent. */
const FLOATS: Record<string, (bytes: ArrayBuffer) => Hdf5Array> = {
  '16 10 5 0 10 15': (bytes) => Float32Array.from(new Uint16Array(bytes), fromFloat16),
  '16 7 8 0 7 127': (bytes) => Float32Array.from(new Uint16Array(bytes), fromBfloat16),
  '32 23 8 0 23 127': (bytes) => new Float32Array(bytes),
  '64 52 11 0 52 1023': (bytes) => new Float64Array(bytes),
};

const withoutSpaces = (text: string): string => text.replace(/ +$/, '');

/** A string as C has it. */
export const untilNull = (text: string): string => text.split('\0', 1)[0]!;

/** Reads a datatype message at a byte. */
export function readDatatype(file: FileBytes, at: number): Datatype {
  const classOf = file.u8(at) & 15;
  const bits = file.u8(at + 1);
  const size = file.u32(at + 4);
  const unknown: Datatype = { kind: 'unknown', size, what: CLASSES[classOf] ?? `class ${classOf}` };
  const properties = at + 8;
  if (classOf === 0) {
    const decode = INTEGERS[`${bits & 8 ? 'signed' : 'unsigned'} ${size}`];
    const whole = file.u16(properties) === 0 && file.u16(properties + 2) === 8 * size;
    return decode && whole ? { kind: 'number', size, bigEndian: (bits & 1) === 1, decode } : unknown;
  }
  if (classOf === 1) {
    const parts = [4, 5, 6, 7].map((offset) => file.u8(properties + offset));
    const decode = FLOATS[[file.u16(properties + 2), ...parts, file.u32(properties + 8)].join(' ')];
    const known = decode && file.u16(properties) === 0 && (bits & 0x40) === 0;
    return known ? { kind: 'number', size, bigEndian: (bits & 1) === 1, decode } : unknown;
  }
  if (classOf === 3) {
    if (size === 0) throw file.fault('it holds strings of 0 bytes');
    return { kind: 'fixed-string', size, trim: (bits & 15) === 2 ? withoutSpaces : untilNull };
  }
  if (classOf === 5 && size === 2) {
    // ml_dtypes' bfloat16, as older h5py writes it.
    return { kind: 'number', size, bigEndian: false, decode: FLOATS['16 7 8 0 7 127']! };
  }
  // An enumeration names values of an integer type; nothing here nests deeper.
  if (classOf === 8 && (file.u8(properties) & 15) === 0) return readDatatype(file, properties);
  if (classOf === 9) {
    if ((bits & 15) === 1 && size === 16) return { kind: 'variable-string', size };
    return { ...unknown, what: 'lists of varying length' };
  }
  return unknown;
}

/** `bytes` are a copy of the values, at offset 0, which becomes theirs. */
export function decodeNumbers(type: Datatype & { kind: 'number' }, bytes: Uint8Array): Hdf5Array {
  if (type.bigEndian && type.size > 1) {
    for (let at = 0; at < bytes.length; at += type.size) bytes.subarray(at, at + type.size).reverse();
  }
  return type.decode(bytes.buffer as ArrayBuffer);
}
