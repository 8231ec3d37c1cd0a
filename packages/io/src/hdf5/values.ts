import { inflateWithin } from '../internal/inflate.ts';
import { bytesText, elements } from '../internal/shape.ts';
import { type Datatype, decodeNumbers } from './datatype.ts';
import type { FileBytes } from './file-bytes.ts';
import type { GlobalHeap } from './global-heap.ts';
import { readTreeNode } from './links.ts';
import { type Message, message } from './object-header.ts';
import type { Hdf5Value } from './tree.ts';

const MAX_RANK = 32; // of HDF5
const CHUNK_COST = 65_536; // what unpacking a chunk takes at least, in bytes of work

const utf8 = new TextDecoder();

/** Sizes of a dataspace message at a byte; [0] for one that says that there is no value. */
export function readShape(file: FileBytes, at: number): number[] {
  const version = file.u8(at);
  const rank = file.u8(at + 1);
  if ((version !== 1 && version !== 2) || rank > MAX_RANK) {
    throw file.fault(`it holds a shape of version ${version} with ${rank} axes`);
  }
  if (version === 2 && file.u8(at + 3) === 2) return [0];
  const sizes = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, i) => file.u64(sizes + 8 * i));
}

/** The values of a data set, wherever its header says that they are. `what` names it in errors. */
export function readValues(
  file: FileBytes,
  heap: GlobalHeap,
  header: { shape: number[]; type: Datatype; layout: Message; messages: readonly Message[] },
  what: string,
): Hdf5Value {
  const { shape, type } = header;
  if (type.kind === 'unknown') {
    throw file.foreign(`${what} holds values of type ${type.what}`, 'Convert it to numbers or strings');
  }
  const size = elements(shape) * type.size;
  file.spendValues(size, `${what} of shape [${shape.join(', ')}]`);
  return decodeValues(heap, shape, type, readStored(file, header, size, what));
}

/** `bytes` are a copy of the values, which becomes theirs. */
export function decodeValues(
  heap: GlobalHeap,
  shape: number[],
  type: Exclude<Datatype, { kind: 'unknown' }>,
  bytes: Uint8Array,
): Hdf5Value {
  if (type.kind === 'number') return { shape, data: decodeNumbers(type, bytes) };
  const { size } = type;
  const string = (offset: number) =>
    type.kind === 'variable-string'
      ? heap.string(bytes, offset)
      : type.trim(utf8.decode(bytes.subarray(offset, offset + size)));
  return { shape, data: Array.from({ length: bytes.length / size }, (_, i) => string(i * size)) };
}

interface Stored {
  readonly shape: readonly number[];
  readonly type: { readonly size: number };
  readonly layout: Message;
  readonly messages: readonly Message[];
}

/** A copy of the `size` bytes of all values. */
function readStored(file: FileBytes, header: Stored, size: number, what: string): Uint8Array {
  const { at } = header.layout;
  const version = file.u8(at);
  const kind = file.u8(at + 1);
  if (version < 3 || version > 4 || (version === 4 && kind > 1)) {
    throw file.foreign(`the layout of ${what}`, 'Write it with libver="earliest"');
  }
  if (kind === 0) return whole(file, at + 4, file.u16(at + 2), size, what);
  if (kind === 1) {
    const address = file.address(at + 2);
    if (address === undefined || size === 0) return filled(file, header, size);
    return whole(file, address, file.u64(at + 10), size, what);
  }
  if (kind === 2) return readChunks(file, header, size, what);
  throw file.fault(`${what} has a layout of class ${kind}`);
}

function whole(file: FileBytes, at: number, stored: number, size: number, what: string): Uint8Array {
  if (stored < size) throw file.fault(`${what} takes ${bytesText(size)}, ${bytesText(stored)} are there`);
  return file.slice(at, size).slice();
}

/** What stands where nothing was written: the fill value, or zeros. */
function filled(file: FileBytes, { messages, type }: Stored, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const at = messages.find((one) => one.type === message.fillValue)?.at;
  if (at === undefined) return bytes;
  const defined = file.u8(at) === 3 ? file.u8(at + 1) & 0x20 : file.u8(at + 3);
  const sizeAt = file.u8(at) === 3 ? at + 2 : at + 4;
  if (!defined || file.u32(sizeAt) !== type.size) return bytes;
  const value = file.slice(sizeAt + 4, type.size);
  if (value.some((byte) => byte !== 0)) for (let to = 0; to < size; to += type.size) bytes.set(value, to);
  return bytes;
}

/** Values in equal blocks, packed one by one, which a B-tree names by their corners. */
function readChunks(file: FileBytes, header: Stored, size: number, what: string): Uint8Array {
  const { layout, shape, type } = header;
  const rank = file.u8(layout.at + 2) - 1;
  const tree = file.address(layout.at + 3);
  if (rank !== shape.length) throw file.fault(`${what} has ${shape.length} axes, its chunks have ${rank}`);
  const chunk = shape.map((_, i) => file.u32(layout.at + 11 + 4 * i));
  if (chunk.includes(0)) throw file.fault(`${what} has chunks of shape [${chunk.join(', ')}]`);
  const filters = readFilters(file, header.messages, what);
  const chunkBytes = elements(chunk) * type.size;
  const bytes = filled(file, header, size);
  if (tree === undefined || size === 0) return bytes;
  const keySize = 8 + 8 * (rank + 1);
  const visit = (at: number, parentLevel: number): void => {
    const { level, count } = readTreeNode(file, at, 1, parentLevel);
    file.spendStructure(24 + count * (keySize + 8));
    for (let i = 0; i < count; i++) {
      const key = at + 24 + i * (keySize + 8);
      const child = file.u64(key + keySize);
      if (level > 0) {
        visit(child, level);
        continue;
      }
      const corner = shape.map((_, axis) => file.u64(key + 8 + 8 * axis));
      if (corner.some((offset, axis) => offset >= shape[axis]!)) throw file.fault(`a chunk of ${what} lies outside`);
      file.spendWork(chunkBytes + CHUNK_COST);
      const packed = file.slice(child, file.u32(key));
      const block = unpack(file, packed, filters, file.u32(key + 4), chunkBytes, type.size, what);
      copyBlock(block, chunk, bytes, shape, corner, type.size);
    }
  };
  visit(tree, Number.POSITIVE_INFINITY);
  return bytes;
}

const DEFLATE = 1;
const SHUFFLE = 2;

/** Identifiers of the filters that chunks went through, in the order of writing. */
function readFilters(file: FileBytes, messages: readonly Message[], what: string): number[] {
  const at = messages.find(({ type }) => type === message.filters)?.at;
  if (at === undefined) return [];
  const version = file.u8(at);
  let next = at + (version === 1 ? 8 : 2);
  return Array.from({ length: file.u8(at + 1) }, () => {
    const id = file.u16(next);
    if (id !== DEFLATE && id !== SHUFFLE) {
      throw file.foreign(`${what} is packed with filter ${id}`, 'Pack it with gzip, or not at all');
    }
    const nameLength = version === 1 ? Math.ceil(file.u16(next + 2) / 8) * 8 : 0;
    const counts = next + (version === 1 ? 6 : 4);
    const values = file.u16(counts);
    next = counts + 2 + nameLength + 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0);
    return id;
  });
}

/** `skipped` has a bit for each filter that this chunk did not go through. */
function unpack(
  file: FileBytes,
  packed: Uint8Array,
  filters: readonly number[],
  skipped: number,
  size: number,
  valueSize: number,
  what: string,
): Uint8Array {
  let bytes = packed;
  for (const [i, filter] of [...filters.entries()].reverse()) {
    if (skipped & (1 << i)) continue;
    bytes = filter === DEFLATE ? inflate(file, bytes, size, what) : unshuffle(bytes, valueSize);
  }
  if (bytes.length !== size)
    throw file.fault(`a chunk of ${what} has ${bytesText(bytes.length)}, expected ${bytesText(size)}`);
  return bytes;
}

function inflate(file: FileBytes, packed: Uint8Array, size: number, what: string): Uint8Array {
  try {
    return inflateWithin(packed, size, 'zlib');
  } catch (error) {
    throw file.fault(`a chunk of ${what} does not unpack (${error instanceof Error ? error.message : error})`);
  }
}

/** All first bytes of the values, all second ones, and so on, to value by value. */
function unshuffle(bytes: Uint8Array, valueSize: number): Uint8Array {
  const count = Math.floor(bytes.length / valueSize);
  const values = bytes.slice();
  for (let byte = 0; byte < valueSize; byte++)
    for (let i = 0; i < count; i++) values[i * valueSize + byte] = bytes[byte * count + i]!;
  return values;
}

/** Copies what of a block lies inside of the array, row by row. */
function copyBlock(
  block: Uint8Array,
  blockShape: readonly number[],
  bytes: Uint8Array,
  shape: readonly number[],
  corner: readonly number[],
  valueSize: number,
): void {
  const copy = (axis: number, from: number, to: number): void => {
    const inside = Math.min(blockShape[axis]!, shape[axis]! - corner[axis]!);
    if (axis === shape.length - 1) {
      const at = (to + corner[axis]!) * valueSize;
      bytes.set(block.subarray(from * valueSize, (from + inside) * valueSize), at);
      return;
    }
    for (let i = 0; i < inside; i++) {
      copy(axis + 1, (from + i) * blockShape[axis + 1]!, (to + corner[axis]! + i) * shape[axis + 1]!);
    }
  };
  copy(0, 0, 0);
}
