import { threefry } from './threefry.ts';
import { wasm } from './wasm.ts';

export const TWO_32 = 0x100000000;

/** Words at a time: with the coefficients they fit into one page of memory, and into a processor's first cache. */
const BATCH = 8192;

/** @throws RangeError, in the name of `who`, unless value is an integer from 0 to 2^53 - 1. */
export function checkInteger(who: string, name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw new RangeError(`${who}: ${name} must be an integer from 0 to 2^53 - 1, got ${value}.`);
  }
}

/**
 * Fills `out` with draws of one kind from the start of a stream, in WASM where it runs.
 *
 * @param kind code of assembly/index.ts
 * @param fromWord the same mapping in JavaScript; none for plain words
 * @param compiled null for JavaScript
 */
export function fill(
  out: Uint32Array | Float32Array,
  seed: number,
  stream: number,
  kind: number,
  fromWord?: (word: number) => number,
  compiled = wasm(),
): void {
  const key0 = seed % TWO_32;
  const key1 = Math.floor(seed / TWO_32);
  if (compiled === null) {
    const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
    threefry(words, key0, key1, stream);
    if (fromWord) for (let i = 0; i < out.length; i++) out[i] = fromWord(words[i]!); // in place: slot i is read, then written
    return;
  }
  for (let first = 0; first < out.length; first += BATCH) {
    const count = Math.min(BATCH, out.length - first);
    const address = compiled.fill(kind, count, key0, key1, stream, first / 2);
    const batch = out instanceof Uint32Array ? Uint32Array : Float32Array;
    out.set(new batch(compiled.memory.buffer, address, count), first);
  }
}
