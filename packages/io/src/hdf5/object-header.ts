import type { FileBytes } from './file-bytes.ts';

/** A message of an object header: what the object is, piece by piece. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  /** Where its data begin in the file, and how many bytes they are. */
  readonly at: number;
  readonly size: number;
}

/** Types of messages that are read; the others say when an object changed and the like. */
export const message = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  fillValue: 5,
  link: 6,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const;

interface Block {
  readonly at: number;
  readonly size: number;
}

/** All messages of the object header at a byte, of version 1 or 2. */
export function readMessages(file: FileBytes, at: number): Message[] {
  return file.u8(at) === 1 ? readVersion1(file, at) : readVersion2(file, at);
}

function readVersion1(file: FileBytes, at: number): Message[] {
  return readBlocks(file, { at: at + 16, size: file.u32(at + 8) }, { header: 8, start: 0, end: 0 }, (start) => ({
    type: file.u16(start),
    size: file.u16(start + 2),
    flags: file.u8(start + 4),
  }));
}

function readVersion2(file: FileBytes, at: number): Message[] {
  file.expectSignature(at, 'OHDR');
  const version = file.u8(at + 4);
  if (version !== 2) throw file.fault(`it holds an object header of version ${version}`);
  const flags = file.u8(at + 5);
  const width = 1 << (flags & 3);
  const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const size =
    width === 1 ? file.u8(sizeAt) : width === 2 ? file.u16(sizeAt) : width === 4 ? file.u32(sizeAt) : file.u64(sizeAt);
  const frame = { header: flags & 4 ? 6 : 4, start: 4, end: 4 }; // OCHK before, a checksum behind
  return readBlocks(file, { at: sizeAt + width, size }, frame, (start) => ({
    type: file.u8(start),
    size: file.u16(start + 1),
    flags: file.u8(start + 3),
  }));
}

/** The first block and those that continue it; `frame` has the sizes of a message's header and of what surrounds a continuation. */
function readBlocks(
  file: FileBytes,
  first: Block,
  frame: { header: number; start: number; end: number },
  head: (at: number) => { type: number; size: number; flags: number },
): Message[] {
  const messages: Message[] = [];
  const blocks = [first];
  for (const { at, size } of blocks) {
    file.spendStructure(size + 16);
    file.slice(at, size);
    let next = at;
    while (next + frame.header <= at + size) {
      const { type, size: length, flags } = head(next);
      const data = next + frame.header;
      if (data + length > at + size) throw file.fault(`a message of ${length} bytes leaves its object header`);
      if (type === message.continuation) {
        const block = { at: file.u64(data), size: file.u64(data + 8) };
        if (frame.start > 0) file.expectSignature(block.at, 'OCHK');
        blocks.push({ at: block.at + frame.start, size: Math.max(0, block.size - frame.start - frame.end) });
      } else messages.push({ type, flags, at: data, size: length });
      next = data + length;
    }
  }
  return messages;
}
