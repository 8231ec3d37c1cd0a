import { Gunzip } from 'fflate';
import { DataError } from '../data-error.ts';
import { updateCrc } from './crc32.ts';

/** Deflate cannot pack more than 1032 bytes into one: what claims more is not what it says. */
export const MAX_DEFLATE_RATIO = 1032;

const CHUNK = 1 << 13;

/**
 * Unpacks gzip piece by piece; `onPiece` may throw to stop early, so a small file that unpacks to a huge one costs at
 * most one piece (8 KiB packed, 8 MB unpacked). fflate does not check the checksum: we do, for files of one member.
 *
 * @throws DataError if the file is cut off or damaged.
 */
export function gunzipPieces(bytes: Uint8Array, name: string, onPiece: (piece: Uint8Array) => void): void {
  if (bytes.length < 18) throw damaged(name, `${bytes.length} bytes, the least is 18`);
  let crc = 0xffffffff;
  let members = 0;
  let caller: unknown;
  const stream = new Gunzip((piece) => {
    crc = updateCrc(crc, piece);
    try {
      onPiece(piece);
    } catch (error) {
      caller = error;
      throw error;
    }
  });
  stream.onmember = () => {
    members++;
  };
  try {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      stream.push(bytes.subarray(at, at + CHUNK), at + CHUNK >= bytes.length);
    }
  } catch (error) {
    if (caller !== undefined) throw caller;
    const cause = error instanceof Error ? error.message : String(error);
    throw damaged(name, cause, error);
  }
  if (members <= 1) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const expected = view.getUint32(bytes.length - 8, true);
    const actual = (crc ^ 0xffffffff) >>> 0;
    if (actual !== expected) {
      throw new DataError(
        `${name}: the gzip checksum is ${hex(actual)}, the file says ${hex(expected)}: it is damaged or has bytes after its end. Fetch the file again.`,
      );
    }
  }
}

const damaged = (name: string, how: string, cause?: unknown) =>
  new DataError(`${name}: the gzip data are cut off or damaged (${how}). Fetch the file again.`, { cause });

const hex = (value: number) => value.toString(16).padStart(8, '0');
