import { Inflate, Unzlib } from 'fflate';

const MAX_STEP = 8192;

/**
 * Unpacks deflate data that hold `size` bytes. It stops soon after more came out, and allocates `size` bytes for the whole:
 * the caller has checked that this much may be.
 *
 * @throws Error if less or more comes out, or the data are damaged.
 */
export function inflateWithin(packed: Uint8Array, size: number, form: 'zlib' | 'raw'): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  const stream = new (form === 'zlib' ? Unzlib : Inflate)((piece) => {
    if (length + piece.length > size) throw new Error(`more than the ${size} bytes that it should hold`);
    bytes.set(piece, length);
    length += piece.length;
  });
  // Deflate packs up to 1032 bytes into one, so that a piece is not much larger than the whole may be.
  const step = Math.min(MAX_STEP, Math.max(64, size >> 8));
  for (let at = 0; at < packed.length; at += step) {
    stream.push(packed.subarray(at, at + step), at + step >= packed.length);
  }
  if (length < size) throw new Error(`${length} of ${size} bytes`);
  return bytes;
}
