import type { FileBytes } from './file-bytes.ts';
import { type Message, message } from './object-header.ts';

/** A member of a group: its name, and where its object header is. */
export interface Link {
  readonly name: string;
  readonly at: number;
}

const utf8 = new TextDecoder();

/** Members of a group, whether it keeps them in a symbol table (as h5py does) or in messages. */
export function readLinks(file: FileBytes, messages: readonly Message[]): Link[] {
  const links: Link[] = [];
  for (const { type, at } of messages) {
    if (type === message.symbolTable) links.push(...readSymbolTable(file, file.u64(at), file.u64(at + 8)));
    if (type === message.link) links.push(readLinkMessage(file, at));
    if (type === message.linkInfo && file.address(at + 2 + (file.u8(at + 1) & 1 ? 8 : 0)) !== undefined) {
      throw file.foreign(
        'it keeps the names of a large group in a heap',
        'Write it with libver="earliest", without track_order',
      );
    }
  }
  return links;
}

/** A group's B-tree, whose leaves are symbol table nodes, with the names in a local heap. */
function readSymbolTable(file: FileBytes, tree: number, heap: number): Link[] {
  file.expectSignature(heap, 'HEAP');
  const names = file.slice(file.u64(heap + 24), file.u64(heap + 8));
  const links: Link[] = [];
  const visit = (at: number, parentLevel: number): void => {
    const { level, count } = readTreeNode(file, at, 0, parentLevel);
    file.spendStructure(24 + 16 * count);
    for (let i = 0; i < count; i++) {
      const child = file.u64(at + 32 + 16 * i);
      if (level > 0) visit(child, level);
      else links.push(...readSymbols(file, child, names));
    }
  };
  visit(tree, Number.POSITIVE_INFINITY);
  return links;
}

/** The head of a B-tree node of version 1. A child is of a lower level than its parent: so no path goes in a circle. */
export function readTreeNode(
  file: FileBytes,
  at: number,
  type: 0 | 1,
  parentLevel: number,
): { level: number; count: number } {
  file.expectSignature(at, 'TREE');
  const level = file.u8(at + 5);
  if (file.u8(at + 4) !== type || level >= parentLevel)
    throw file.fault('one of its B-trees has a node of the wrong kind');
  return { level, count: file.u16(at + 6) };
}

function readSymbols(file: FileBytes, at: number, names: Uint8Array): Link[] {
  file.expectSignature(at, 'SNOD');
  const count = file.u16(at + 6);
  file.spendStructure(8 + 40 * count);
  return Array.from({ length: count }, (_, i) => {
    const entry = at + 8 + 40 * i;
    const start = file.u64(entry);
    const end = names.indexOf(0, start);
    if (start >= names.length || end < 0) throw file.fault('a name lies outside of its heap');
    file.spendStructure(end - start);
    const name = utf8.decode(names.subarray(start, end));
    if (file.u32(entry + 16) === 2) throw symbolic(file, name);
    return { name, at: file.u64(entry + 8) };
  });
}

function readLinkMessage(file: FileBytes, at: number): Link {
  const flags = file.u8(at + 1);
  let next = at + 2;
  const type = flags & 8 ? file.u8(next++) : 0;
  if (flags & 4) next += 8; // the order of creation
  if (flags & 0x10) next += 1; // the character set
  const width = 1 << (flags & 3);
  const length =
    width === 1 ? file.u8(next) : width === 2 ? file.u16(next) : width === 4 ? file.u32(next) : file.u64(next);
  next += width;
  file.spendStructure(length);
  const name = utf8.decode(file.slice(next, length));
  if (type !== 0) throw symbolic(file, name);
  return { name, at: file.u64(next + length) };
}

const symbolic = (file: FileBytes, name: string) =>
  file.foreign(`"${name}" is a soft or an external link`, 'Put the data themselves in its place');
