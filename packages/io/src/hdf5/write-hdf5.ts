import { checkShape } from '../internal/shape.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Hdf5Array, Hdf5Dataset, Hdf5Group, Hdf5Value } from './tree.ts';

// The forms that h5py writes by default; sizes are part of them, since readers fetch whole nodes.
const LEAF_ENTRIES = 8;
const NODE_ENTRIES = 32;
const UNDEFINED_ADDRESS = 0xffff_ffff_ffff_ffffn;
const SUPERBLOCK = 96;
const MIN_COLLECTION = 4096;
const MAX_COLLECTION_STRINGS = 60_000;
const MAX_MESSAGE = 65_528;

/** What `writeHdf5` takes for a data set or an attribute: strings are UTF-8 of varying length. */
export type Hdf5Source = Pick<Hdf5Value, 'data'> & { readonly shape: readonly number[] };

/** A group for `writeHdf5`, empty but for what is given. */
export function hdf5Group(attributes: Readonly<Record<string, Hdf5Source | string>> = {}): Hdf5Group {
  const values = Object.entries(attributes).map(([name, value]): [string, Hdf5Value] =>
    typeof value === 'string' ? [name, { shape: [], data: [value] }] : [name, { ...value, shape: [...value.shape] }],
  );
  return { kind: 'group', members: new Map(), attributes: new Map(values) };
}

/**
 * Puts values at `path` (names between slashes) below a group, and makes the groups on the way.
 *
 * @throws RangeError if a name is empty, or a value stands where a group should.
 */
export function setInHdf5(root: Hdf5Group, path: string, value: Hdf5Source): void {
  const names = path.split('/');
  if (names.includes('')) throw new RangeError(`setInHdf5: expected names between slashes, got "${path}".`);
  const last = names.pop()!;
  let group = root;
  for (const name of names) {
    const next = group.members.get(name) ?? hdf5Group();
    if (next.kind !== 'group') throw new RangeError(`setInHdf5: "${name}" in "${path}" is a value, not a group.`);
    group.members.set(name, next);
    group = next;
  }
  group.members.set(last, { kind: 'dataset', shape: [...value.shape], data: value.data, attributes: new Map() });
}

/**
 * Writes an HDF5 file that h5py opens: superblock 0, groups as symbol tables, values whole and little-endian. Same tree,
 * same bytes. Source: the HDF Group's HDF5 File Format Specification, version 3.0.
 *
 * @throws RangeError if a shape does not fit its values, a name holds a slash or a zero byte, or an attribute has more than
 *   65,000 bytes (strings count 16 each).
 */
export function writeHdf5(root: Hdf5Group): Uint8Array {
  const out = new ByteWriter();
  out.skip(SUPERBLOCK);
  const strings = writeStrings(out, root);
  const { at, tree, heap } = writeGroup(out, root, '', strings);
  const end = out.length;
  out.seek(0);
  out.bytes([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0]);
  out.u16(LEAF_ENTRIES / 2);
  out.u16(NODE_ENTRIES / 2);
  out.u32(0);
  out.u64(0);
  out.u64(UNDEFINED_ADDRESS);
  out.u64(end);
  out.u64(UNDEFINED_ADDRESS);
  out.u64(0);
  out.u64(at);
  out.u32(1); // its tree and its heap follow
  out.u32(0);
  out.u64(tree);
  out.u64(heap);
  return out.whole(end);
}

/** Where each string lies: references to it, of 16 bytes. */
type Strings = ReadonlyMap<string, Uint8Array>;

/** Writes all strings of the tree, each once, and says where they are. */
function writeStrings(out: ByteWriter, root: Hdf5Group): Strings {
  const all = new Set<string>();
  const collect = ({ data }: Hdf5Value) => {
    if (Array.isArray(data)) for (const text of data) all.add(text);
  };
  const visit = (node: Hdf5Group | Hdf5Dataset): void => {
    for (const value of node.attributes.values()) collect(value);
    if (node.kind === 'dataset') collect(node);
    else for (const member of node.members.values()) visit(member);
  };
  visit(root);
  const texts = [...all];
  const references = new Map<string, Uint8Array>();
  for (let i = 0; i < texts.length; i += MAX_COLLECTION_STRINGS) {
    writeCollection(out, texts.slice(i, i + MAX_COLLECTION_STRINGS), references);
  }
  return references;
}

function writeCollection(out: ByteWriter, texts: readonly string[], references: Map<string, Uint8Array>): void {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const used = encoded.reduce((sum, { length }) => sum + 16 + padded(length), 16);
  const size = Math.max(MIN_COLLECTION, used + 16);
  const at = out.length;
  out.text('GCOL');
  out.u32(1);
  out.u64(size);
  for (const [i, bytes] of encoded.entries()) {
    out.u16(i + 1);
    out.u16(0);
    out.u32(0);
    out.u64(bytes.length);
    out.bytes(bytes);
    out.pad(8);
    const reference = new DataView(new ArrayBuffer(16));
    reference.setUint32(0, bytes.length, true);
    reference.setBigUint64(4, BigInt(at), true);
    reference.setUint32(12, i + 1, true);
    references.set(texts[i]!, new Uint8Array(reference.buffer));
  }
  out.u64(0); // object 0 is the free space
  out.u64(size - used);
  out.skip(size - used - 16);
}

interface Written {
  readonly at: number;
  readonly tree: number;
  readonly heap: number;
}

function writeGroup(out: ByteWriter, group: Hdf5Group, path: string, strings: Strings): Written {
  const members = [...group.members]
    .map(([name, node]) => ({ name: new TextEncoder().encode(checkedName(name, path)), text: name, node }))
    .sort((a, b) => compareBytes(a.name, b.name))
    .map(({ name, text, node }) => {
      const inner = `${path}/${text}`;
      const at =
        node.kind === 'group' ? writeGroup(out, node, inner, strings) : writeDataset(out, node, inner, strings);
      return { name, at, isGroup: node.kind === 'group' };
    });
  const { heap, offsets } = writeNames(
    out,
    members.map(({ name }) => name),
  );
  const entries = members.map(({ at, isGroup }, i) => ({ offset: offsets[i]!, at, isGroup }));
  const tree = writeTree(out, entries);
  const table = new ByteWriter();
  table.u64(tree);
  table.u64(heap);
  const at = writeHeader(out, [[17, table.whole()], ...attributeMessages(group.attributes, path, strings)]);
  return { at, tree, heap };
}

function checkedName(name: string, path: string): string {
  if (name !== '' && name !== '.' && !/[/\0]/.test(name)) return name;
  throw new RangeError(
    `writeHdf5: a name in "${path}/" must be without slashes and zero bytes, got ${JSON.stringify(name)}. Rename it.`,
  );
}

/** A local heap with the names, the empty one first. */
function writeNames(out: ByteWriter, names: readonly Uint8Array[]): { heap: number; offsets: number[] } {
  const data = new ByteWriter();
  data.u64(0);
  const offsets = names.map((name) => {
    const offset = data.length;
    data.bytes(name);
    data.skip(1);
    data.pad(8);
    return offset;
  });
  const heap = out.length;
  out.text('HEAP');
  out.u32(0);
  out.u64(data.length);
  out.u64(1); // no free space
  out.u64(heap + 32);
  out.bytes(data.whole());
  return { heap, offsets };
}

interface Entry {
  /** Of its name, in the heap. */
  readonly offset: number;
  readonly at: number | Written;
  readonly isGroup: boolean;
}

/** Symbol table nodes, and a B-tree over them; the address of its root. Keys are the last names below each child. */
function writeTree(out: ByteWriter, entries: readonly Entry[]): number {
  let level = parts(entries, LEAF_ENTRIES).map((leaf) => ({ at: writeLeaf(out, leaf), last: leaf.at(-1)!.offset }));
  for (let height = 0; ; height++) {
    const nodes = level.length === 0 ? [[]] : parts(level, NODE_ENTRIES);
    let first = 0;
    level = nodes.map((children) => {
      const at = writeTreeNode(out, height, first, children);
      first = children.at(-1)?.last ?? 0;
      return { at, last: first };
    });
    if (level.length === 1) return level[0]!.at;
  }
}

function writeLeaf(out: ByteWriter, entries: readonly Entry[]): number {
  const start = out.length;
  out.text('SNOD');
  out.u16(1);
  out.u16(entries.length);
  for (const { offset, at, isGroup } of entries) {
    out.u64(offset);
    out.u64(typeof at === 'number' ? at : at.at);
    out.u32(isGroup ? 1 : 0);
    out.u32(0);
    out.u64(typeof at === 'number' ? 0 : at.tree);
    out.u64(typeof at === 'number' ? 0 : at.heap);
  }
  out.skip(40 * (LEAF_ENTRIES - entries.length));
  return start;
}

function writeTreeNode(
  out: ByteWriter,
  height: number,
  first: number,
  children: readonly { at: number; last: number }[],
): number {
  const start = out.length;
  out.text('TREE');
  out.bytes([0, height]);
  out.u16(children.length);
  out.u64(UNDEFINED_ADDRESS); // no one looks for its neighbours
  out.u64(UNDEFINED_ADDRESS);
  out.u64(first);
  for (const { at, last } of children) {
    out.u64(at);
    out.u64(last);
  }
  out.skip(16 * (NODE_ENTRIES - children.length));
  return start;
}

function writeDataset(out: ByteWriter, dataset: Hdf5Dataset, path: string, strings: Strings): number {
  checkShape(`writeHdf5: "${path}"`, dataset.data.length, dataset.shape);
  const data = encoded(dataset.data, strings);
  const at = out.length;
  if (data.length > 0) {
    out.bytes(data);
    out.pad(8);
  }
  const layout = new ByteWriter();
  layout.bytes([3, 1]);
  layout.u64(data.length > 0 ? at : UNDEFINED_ADDRESS);
  layout.u64(data.length);
  return writeHeader(out, [
    [1, shapeMessage(dataset.shape)],
    [3, typeMessage(dataset.data)],
    [5, Uint8Array.of(2, 2, 2, 1, 0, 0, 0, 0)], // the fill value is 0
    [8, layout.whole()],
    ...attributeMessages(dataset.attributes, path, strings),
  ]);
}

type MessageSource = readonly [type: number, data: Uint8Array];

function attributeMessages(
  attributes: ReadonlyMap<string, Hdf5Value>,
  path: string,
  strings: Strings,
): MessageSource[] {
  return [...attributes].map(([name, { shape, data }]) => {
    const who = `writeHdf5: attribute "${name}" of "${path}/"`;
    checkShape(who, data.length, shape);
    const parts = [new TextEncoder().encode(`${name}\0`), typeMessage(data), shapeMessage(shape)];
    const message = new ByteWriter();
    message.bytes([1, 0]);
    for (const { length } of parts) message.u16(length);
    for (const part of parts) {
      message.bytes(part);
      message.pad(8);
    }
    message.bytes(encoded(data, strings));
    if (message.length > MAX_MESSAGE) {
      throw new RangeError(`${who}: at most 65,000 bytes fit, got ${message.length}. Make it a data set.`);
    }
    return [12, message.whole()];
  });
}

/** An object header of version 1 in one piece. */
function writeHeader(out: ByteWriter, messages: readonly MessageSource[]): number {
  const at = out.length;
  out.bytes([1, 0]);
  out.u16(messages.length);
  out.u32(1); // one link
  out.u32(messages.reduce((sum, [, data]) => sum + 8 + padded(data.length), 0));
  out.u32(0);
  for (const [type, data] of messages) {
    out.u16(type);
    out.u16(padded(data.length));
    out.u32(type === 3 || type === 5 ? 1 : 0); // a type and a fill value never change
    out.bytes(data);
    out.pad(8);
  }
  return at;
}

function shapeMessage(shape: readonly number[]): Uint8Array {
  const message = new ByteWriter();
  message.bytes([1, shape.length, 0, 0, 0, 0, 0, 0]);
  for (const size of shape) message.u64(size);
  return message.whole();
}

const FLOAT32 = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
const FLOAT64 = [0x11, 0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0];
const UTF8 = [0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];

function typeMessage(data: Hdf5Array): Uint8Array {
  if (Array.isArray(data)) return Uint8Array.from(UTF8);
  if (data instanceof Float32Array) return Uint8Array.from(FLOAT32);
  if (data instanceof Float64Array) return Uint8Array.from(FLOAT64);
  const size = data.BYTES_PER_ELEMENT;
  const signed = data instanceof Int8Array || data instanceof Int16Array || data instanceof Int32Array;
  const sign = signed || data instanceof BigInt64Array ? 8 : 0;
  return Uint8Array.of(0x10, sign, 0, 0, size, 0, 0, 0, 0, 0, 8 * size, 0);
}

/** All engines that run JavaScript are little-endian today. */
function encoded(data: Hdf5Array, strings: Strings): Uint8Array {
  if (!Array.isArray(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(16 * data.length);
  for (const [i, text] of data.entries()) bytes.set(strings.get(text)!, 16 * i);
  return bytes;
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;

const parts = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const i = a.findIndex((byte, k) => byte !== b[k]);
  return i < 0 ? a.length - b.length : a[i]! - (b[i] ?? -1);
}
