const REPLACEMENT = 0xfffd;

/**
 * The text in UTF-32 big-endian: 4 bytes for each code point, no byte order mark.
 *
 * A lone surrogate, which is no character, becomes U+FFFD, as in `TextEncoder`; every other string comes back from
 * `decodeUtf32` as it was.
 */
export function encodeUtf32(text: string): Uint8Array {
  let count = 0;
  for (let i = 0; i < text.length; i += text.codePointAt(i)! > 0xffff ? 2 : 1) count++;
  const bytes = new Uint8Array(4 * count);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const found = text.codePointAt(i)!;
    if (found > 0xffff) i++; // a pair of code units
    const codePoint = isSurrogate(found) ? REPLACEMENT : found;
    bytes[at + 1] = codePoint >>> 16; // the first byte of a code point is always 0
    bytes[at + 2] = codePoint >>> 8;
    bytes[at + 3] = codePoint;
    at += 4;
  }
  return bytes;
}

/**
 * The text that UTF-32 big-endian bytes stand for, one code point for every 4 bytes. Any bytes will do:
 *
 * - a word that is no character (above 0x10FFFF, or a surrogate) becomes one U+FFFD, so that positions never shift;
 * - a last word of 1 to 3 bytes becomes one U+FFFD too: something was there, and it is cut off;
 * - U+FEFF is a character like any other, no byte order mark. NULs stay: see `unpad`.
 */
export function decodeUtf32(bytes: Uint8Array): string {
  const units = new Uint16Array(2 * Math.ceil(bytes.length / 4));
  let length = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    const cut = i + 4 > bytes.length;
    const word = ((bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!) >>> 0;
    const codePoint = cut || word > 0x10ffff || isSurrogate(word) ? REPLACEMENT : word;
    if (codePoint > 0xffff) {
      units[length++] = 0xd800 + ((codePoint - 0x10000) >>> 10);
      units[length++] = 0xdc00 + ((codePoint - 0x10000) & 0x3ff);
    } else {
      units[length++] = codePoint;
    }
  }
  let text = '';
  for (let i = 0; i < length; i += SLICE) {
    text += String.fromCharCode(...units.subarray(i, Math.min(i + SLICE, length)));
  }
  return text;
}

const SLICE = 8192; // arguments of one call: engines take some 65,000 at least

const isSurrogate = (codePoint: number): boolean => codePoint >= 0xd800 && codePoint <= 0xdfff;
