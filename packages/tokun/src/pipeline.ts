import { padBytes, unpad } from './padding.ts';
import { decodeUtf32, encodeUtf32 } from './utf32.ts';

/** How many values a byte can have: the scores of one. */
const VALUES = 256;

/** Bytes of a token: the product of the groups of a model, 16 for [4, 4]. */
export function tokenSizeOf(groups: readonly number[]): number {
  if (groups.length === 0 || !groups.every((group) => Number.isSafeInteger(group) && group > 0)) {
    throw new RangeError(`tokenSizeOf: groups must be one positive integer or more, got [${groups.join(', ')}].`);
  }
  return groups.reduce((product, group) => product * group, 1);
}

/**
 * A text as whole tokens: UTF-32 big-endian bytes, zeros at the end up to a multiple of `tokenSize`, 16 if omitted. The bytes of one
 * token stand side by side; a model of groups [4, 4] reads them as [tokens, 4, 4].
 *
 * @throws RangeError unless tokenSize is a positive integer.
 */
export function preprocess(text: string, { tokenSize = 16 }: { tokenSize?: number } = {}): Uint8Array {
  return padBytes(encodeUtf32(text), tokenSize);
}

/**
 * The likeliest byte of every 256 scores (logits or probabilities), the lower of two that are equal: [..., 256] row by row -> [...].
 *
 * @throws RangeError unless the scores are whole rows of 256.
 */
export function interpret(scores: ArrayLike<number>): Uint8Array {
  if (scores.length % VALUES !== 0) {
    throw new RangeError(`interpret: expected rows of ${VALUES} scores, one row a byte, got ${scores.length} numbers.`);
  }
  const bytes = new Uint8Array(scores.length / VALUES);
  for (let i = 0; i < bytes.length; i++) {
    let best = 0;
    for (let value = 1; value < VALUES; value++) {
      if (scores[i * VALUES + value]! > scores[i * VALUES + best]!) best = value;
    }
    bytes[i] = best;
  }
  return bytes;
}

/** The text of UTF-32 bytes, padding and all: `decodeUtf32` under the name it has in tokun's pipeline. */
export const decode: (bytes: Uint8Array) => string = decodeUtf32;

/**
 * The text that a model put out: of bytes, or of 256 scores a byte (anything but a Uint8Array), without the NULs at the end.
 *
 * @throws RangeError unless scores are whole rows of 256.
 */
export function postprocess(output: Uint8Array | Float32Array | readonly number[]): string {
  return unpad(decode(output instanceof Uint8Array ? output : interpret(output)));
}
