import { Unzlib } from 'fflate';
import { DataError } from '../data-error.ts';
import { bytesText } from '../internal/shape.ts';

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PIECE = 1 << 16;

/**
 * Compares what the header of a PNG declares with what its data unpack to, holding one piece at a time: the decoder
 * then allocates no more than the file really has.
 *
 * @throws DataError if the two differ, or the chunks are cut off.
 */
export function checkPngSize(bytes: Uint8Array, name: string): void {
  const damaged = (fault: string) => new DataError(`${name}: the PNG is damaged: ${fault}. Save it again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || chunkType(bytes, 8) !== 'IHDR') throw damaged('it ends inside its header');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const depth = bytes[24]!;
  const channels = CHANNELS[bytes[25]!];
  if (channels === undefined || width === 0 || height === 0) {
    throw damaged(`its header says ${width} x ${height} pixels of colour type ${bytes[25]}`);
  }
  const interlaced = bytes[28] === 1;
  if (interlaced && depth < 8) {
    throw new DataError(
      `${name}: interlaced PNG of ${depth} bits a pixel can't be read. Save it without interlacing, or with 8 bits.`,
    );
  }
  const expected = unpackedSize(width, height, depth * channels, interlaced);
  const inflated = inflatedSize(bytes, expected, damaged);
  if (inflated !== expected) {
    const got = inflated > expected ? 'more' : bytesText(inflated);
    throw damaged(`its header declares ${width} x ${height} pixels, ${bytesText(expected)}, and its data hold ${got}`);
  }
}

/** Bytes of the filtered rows: each has one byte before its pixels. */
function unpackedSize(width: number, height: number, bits: number, interlaced: boolean): number {
  const rows = (w: number, h: number) => (w > 0 && h > 0 ? h * (1 + Math.ceil((w * bits) / 8)) : 0);
  if (!interlaced) return rows(width, height);
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  let total = 0;
  for (const [x, y, stepX, stepY] of passes)
    total += rows(Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY));
  return total;
}

function inflatedSize(bytes: Uint8Array, limit: number, damaged: (fault: string) => DataError): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size = 0;
  const inflate = new Unzlib((piece) => {
    size += piece.length;
  });
  try {
    for (let at = 8; at < bytes.length; ) {
      if (at + 12 > bytes.length) throw damaged('it is cut off');
      const length = view.getUint32(at);
      const type = chunkType(bytes, at);
      if (at + 12 + length > bytes.length) throw damaged(`it is cut off inside chunk ${type}`);
      for (let i = 0; type === 'IDAT' && i < length && size <= limit; i += PIECE) {
        inflate.push(bytes.subarray(at + 8 + i, at + 8 + Math.min(i + PIECE, length)), false);
      }
      at += 12 + length;
      if (type === 'IEND') break;
    }
    if (size <= limit) inflate.push(new Uint8Array(0), true);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damaged(`its data do not unpack (${error instanceof Error ? error.message : error})`);
  }
  return size;
}

function chunkType(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at + 4, at + 8));
}
