import { untilNull } from './datatype.ts';
import type { FileBytes } from './file-bytes.ts';

const utf8 = new TextDecoder();

/** Strings of varying length, which lie in collections apart from the values that refer to them. */
export class GlobalHeap {
  private readonly collections = new Map<number, ReadonlyMap<number, Uint8Array>>();

  constructor(private readonly file: FileBytes) {}

  /** The string that the 16 bytes at an offset of `references` refer to. */
  string(references: Uint8Array, offset: number): string {
    const view = new DataView(references.buffer, references.byteOffset + offset, 16);
    const length = view.getUint32(0, true);
    if (length === 0) return '';
    const collection = this.collection(Number(view.getBigUint64(4, true)));
    const bytes = collection.get(view.getUint32(12, true));
    if (bytes === undefined || bytes.length < length) throw this.file.fault('a string is missing from its heap');
    this.file.spendStructure(length);
    return untilNull(utf8.decode(bytes.subarray(0, length)));
  }

  private collection(at: number): ReadonlyMap<number, Uint8Array> {
    const known = this.collections.get(at);
    if (known !== undefined) return known;
    const { file } = this;
    file.expectSignature(at, 'GCOL');
    const end = at + file.u64(at + 8);
    const objects = new Map<number, Uint8Array>();
    let next = at + 16;
    while (next + 16 <= end) {
      const index = file.u16(next);
      if (index === 0) break; // the free space at the end
      const size = file.u64(next + 8);
      file.spendStructure(16);
      objects.set(index, file.slice(next + 16, size));
      next += 16 + Math.ceil(size / 8) * 8;
    }
    this.collections.set(at, objects);
    return objects;
  }
}
