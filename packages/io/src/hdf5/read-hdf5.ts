import { DataError } from '../data-error.ts';
import { looksLike } from '../internal/signature.ts';
import { type Datatype, readDatatype } from './datatype.ts';
import { FileBytes } from './file-bytes.ts';
import { GlobalHeap } from './global-heap.ts';
import { readLinks } from './links.ts';
import { type Message, message, readMessages } from './object-header.ts';
import type { Hdf5Dataset, Hdf5Group, Hdf5Value } from './tree.ts';
import { decodeValues, readShape, readValues } from './values.ts';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const MAX_DEPTH = 64;

export interface ReadHdf5Options {
  /** Names the file in errors. */
  name?: string;
  /** What is not wanted is neither read nor in the result; `path` is like `layers/dense/vars/0`. Everything if omitted. */
  filter?: (path: string) => boolean;
  /** Of all values together, once unpacked; the larger of 64 MiB and 64 times the file if omitted. */
  maxBytes?: number;
}

/**
 * Reads an HDF5 file as h5py writes it by default: groups, data sets (whole, or in chunks that gzip and shuffle may have
 * packed) of integers, floats, booleans and strings, and attributes of the same. The arrays are copies, so `bytes` may
 * be reused. Attributes of other types are left out; a data set of another type, a soft link and the newest forms of
 * groups are errors. Source: the HDF Group's HDF5 File Format Specification, version 3.0.
 *
 * Whatever the file says, memory and time stay within a fixed multiple of its size, of `maxBytes` for values.
 *
 * @throws DataError that names the first fault.
 */
export function readHdf5(bytes: Uint8Array, options: ReadHdf5Options = {}): Hdf5Group {
  const { name = 'HDF5 file', filter = () => true, maxBytes = Math.max(2 ** 26, 64 * bytes.length) } = options;
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    throw new DataError(
      `${name}: expected an HDF5 file, got ${looksLike(bytes)}. Give a file that h5py or Keras wrote.`,
    );
  }
  return new Reader(new FileBytes(bytes, name, maxBytes), filter).root();
}

type Node = Hdf5Group | Hdf5Dataset;

class Reader {
  private readonly heap: GlobalHeap;
  /** By address, so that an object with two names is read once; undefined while its members are being read. */
  private readonly nodes = new Map<number, Node | undefined>();

  constructor(
    private readonly file: FileBytes,
    private readonly filter: (path: string) => boolean,
  ) {
    this.heap = new GlobalHeap(file);
  }

  root(): Hdf5Group {
    const { file } = this;
    const root = this.node(this.rootAddress(), '', 0);
    if (root?.kind !== 'group') throw file.fault('its root is no group');
    return root;
  }

  private rootAddress(): number {
    const { file } = this;
    const version = file.u8(8);
    if (version > 3) throw file.foreign(`it is of version ${version} of the format`, 'Write it with libver="earliest"');
    const sizes = version < 2 ? [file.u8(13), file.u8(14)] : [file.u8(9), file.u8(10)];
    if (sizes[0] !== 8 || sizes[1] !== 8) {
      throw file.foreign(`its addresses and sizes have ${sizes.join(' and ')} bytes`, 'Write it with 8, as h5py does');
    }
    return file.u64(version < 2 ? (version === 0 ? 64 : 68) : 36);
  }

  private node(at: number, path: string, depth: number): Node | undefined {
    const { file, nodes } = this;
    if (nodes.has(at)) {
      const known = nodes.get(at);
      if (known === undefined) throw file.fault(`"${path}" is a link back to a group that holds it`);
      return known;
    }
    if (depth > MAX_DEPTH) throw file.fault(`"${path.slice(0, 60)}..." is a group in more than ${MAX_DEPTH} others`);
    nodes.set(at, undefined);
    const node = this.read(at, path, depth);
    if (node === undefined) nodes.delete(at);
    else nodes.set(at, node);
    return node;
  }

  private read(at: number, path: string, depth: number): Node | undefined {
    const { file } = this;
    const messages = readMessages(file, at);
    const attributes = this.attributes(messages);
    const layout = messages.find(({ type }) => type === message.layout);
    if (layout !== undefined) return { kind: 'dataset', ...this.values(path, layout, messages), attributes };
    if (messages.some(({ type }) => type === message.datatype)) return undefined; // a type with a name
    const members = new Map<string, Node>();
    for (const link of readLinks(file, messages)) {
      const inner = path === '' ? link.name : `${path}/${link.name}`;
      if (!this.filter(inner)) continue;
      const node = this.node(link.at, inner, depth + 1);
      if (node !== undefined) members.set(link.name, node);
    }
    return { kind: 'group', members, attributes };
  }

  private values(path: string, layout: Message, messages: readonly Message[]): Hdf5Value {
    const what = `data set "${path}"`;
    const shape = readShape(this.file, this.own(messages, message.dataspace, what));
    const type = readDatatype(this.file, this.own(messages, message.datatype, what));
    return readValues(this.file, this.heap, { shape, type, layout, messages }, what);
  }

  /** Where the data of a message begin. */
  private own(messages: readonly Message[], type: number, what: string): number {
    const found = messages.find((one) => one.type === type);
    if (found === undefined) throw this.file.fault(`${what} lacks its shape or its type`);
    if (found.flags & 2) throw this.file.foreign(`${what} shares its type with others`, 'Write it without named types');
    return found.at;
  }

  private attributes(messages: readonly Message[]): Map<string, Hdf5Value> {
    const attributes = new Map<string, Hdf5Value>();
    for (const { type, at, size, flags } of messages) {
      if (type === message.attributeInfo) this.refuseHeap(at);
      if (type === message.attribute && (flags & 2) === 0) this.attribute(at, size, attributes);
    }
    return attributes;
  }

  private refuseHeap(at: number): void {
    const { file } = this;
    if (file.address(at + 2 + (file.u8(at + 1) & 1 ? 2 : 0)) === undefined) return;
    throw file.foreign('it keeps many attributes in a heap', 'Write it with libver="earliest"');
  }

  private attribute(at: number, size: number, attributes: Map<string, Hdf5Value>): void {
    const { file } = this;
    const version = file.u8(at);
    const padded = (length: number) => (version === 1 ? Math.ceil(length / 8) * 8 : length);
    const [nameSize, typeSize, shapeSize] = [2, 4, 6].map((offset) => file.u16(at + offset)) as [
      number,
      number,
      number,
    ];
    const nameAt = at + (version === 3 ? 9 : 8);
    const typeAt = nameAt + padded(nameSize);
    const shapeAt = typeAt + padded(typeSize);
    const dataAt = shapeAt + padded(shapeSize);
    const name = new TextDecoder().decode(file.slice(nameAt, Math.max(0, nameSize - 1)));
    const type: Datatype = readDatatype(file, typeAt);
    const shape = readShape(file, shapeAt);
    const length = shape.reduce((product, one) => product * one, type.size);
    if (type.kind === 'unknown') return;
    if (dataAt + length > at + size) throw file.fault(`attribute "${name}" is larger than its message`);
    attributes.set(name, decodeValues(this.heap, shape, type, file.slice(dataAt, length).slice()));
  }
}
