/**
 * A copy of `bytes` with zeros at its end, as few as make its length a multiple of `tokenSize`; no bytes stay none.
 * In UTF-32 four zeros are a NUL character.
 *
 * @throws RangeError unless tokenSize is a positive integer.
 */
export function padBytes(bytes: Uint8Array, tokenSize: number): Uint8Array {
  if (!(Number.isSafeInteger(tokenSize) && tokenSize > 0)) {
    throw new RangeError(`padBytes: tokenSize must be a positive integer number of bytes, got ${tokenSize}.`);
  }
  const padded = new Uint8Array(Math.ceil(bytes.length / tokenSize) * tokenSize);
  padded.set(bytes);
  return padded;
}

/**
 * The text without the NUL characters at its end, and those alone: what padding added. NULs elsewhere stay; a text that
 * ends in NULs of its own loses them, since nothing tells them from padding.
 */
export function unpad(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}
