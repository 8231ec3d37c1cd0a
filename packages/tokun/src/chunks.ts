import { unpad } from './padding.ts';

export interface ChunkOptions {
  /** Whether a chunk may come again; if not, only its first occurrence stays. True if omitted. */
  readonly repeats?: boolean;
  /** Whether the last chunk is filled up with NULs, so that chunks stay aligned when they are joined. False if omitted. */
  readonly pad?: boolean;
}

/**
 * Pieces of `size` characters (code points), in order, the last one shorter unless it is padded.
 *
 * @throws RangeError unless size is a positive integer.
 */
export function chunk(text: string, size: number, { repeats = true, pad = false }: ChunkOptions = {}): string[] {
  if (!(Number.isSafeInteger(size) && size > 0)) {
    throw new RangeError(`chunk: size must be a positive integer number of characters, got ${size}.`);
  }
  const characters = Array.from(text);
  const chunks: string[] = [];
  for (let at = 0; at < characters.length; at += size) {
    const piece = characters.slice(at, at + size);
    chunks.push(piece.join('') + (pad ? '\0'.repeat(size - piece.length) : ''));
  }
  return repeats ? chunks : [...new Set(chunks)];
}

/** The chunks as one text. */
export const merge = (chunks: readonly string[]): string => chunks.join('');

/**
 * The text after `ticks` NULs: the same characters at other places of their tokens.
 *
 * @throws RangeError unless ticks is a natural number.
 */
export function offset(text: string, ticks: number): string {
  if (!(Number.isSafeInteger(ticks) && ticks >= 0)) {
    throw new RangeError(`offset: ticks must be a natural number of characters, got ${ticks}.`);
  }
  return '\0'.repeat(ticks) + text;
}

/**
 * A chunk and the code points of its characters, for a table or a plot: 'A #00000041'. NULs at its end, which are padding, are left out.
 */
export function chunkLabel(text: string): string {
  const shown = unpad(text);
  const codes = Array.from(
    shown,
    (character) => `#${character.codePointAt(0)!.toString(16).toUpperCase().padStart(8, '0')}`,
  );
  return [shown, ...codes].join(' ');
}
