import type { Shown } from './protocol.ts';

const word = 4;

/** A character of a token, and what it came back as. */
export interface TokenCharacter {
  /** As it is shown: signs for what cannot be seen. */
  glyph: string;
  /** Its four bytes in hexadecimal. */
  bytes: string;
  /** After the end of the text. */
  padding: boolean;
  decoded: string;
  right: boolean;
}

/** The characters of every token; the bytes of a token are whole characters. */
export function tokensOf({ bytes, decoded, tokenSize }: Shown): TokenCharacter[][] {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Array.from({ length: bytes.length / tokenSize }, (_, token) =>
    Array.from({ length: tokenSize / word }, (_, i) => {
      const at = token * tokenSize + i * word;
      const [own, other] = [bytes.subarray(at, at + word), decoded.subarray(at, at + word)];
      return {
        glyph: glyphOf(own),
        bytes: Array.from(own, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' '),
        padding: at >= end,
        decoded: glyphOf(other),
        right: own.every((byte, j) => byte === other[j]),
      };
    }),
  );
}

/** A run of characters that are all right or all wrong, for the decoded text. */
export interface Run {
  text: string;
  right: boolean;
}

/** The decoded text with what is wrong set apart. What is right stays in one piece, so that its letters join as they ought to. */
export function runsOf({ bytes, decoded }: Shown): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < bytes.length; at += word) {
    const right = bytes.subarray(at, at + word).every((byte, j) => byte === decoded[at + j]);
    const codePoint = codePointOf(decoded.subarray(at, at + word));
    if (right && codePoint === 0) continue; // padding
    const text = right ? String.fromCodePoint(codePoint) : glyphOf(decoded.subarray(at, at + word));
    const last = runs.at(-1);
    if (last?.right === right) last.text += text;
    else runs.push({ text, right });
  }
  return runs;
}

const replacement = 0xfffd;

/** U+FFFD for what is no character. */
function codePointOf(bytes: Uint8Array): number {
  const found = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  return found > 0x10ffff || (found >= 0xd800 && found <= 0xdfff) ? replacement : found;
}

const named: Readonly<Record<number, string>> = { 0: '∅', 9: '⇥', 10: '⏎', 13: '␍', 32: '␣' };

/** What a character looks like by itself. */
function glyphOf(bytes: Uint8Array): string {
  const codePoint = codePointOf(bytes);
  const text = String.fromCodePoint(codePoint);
  if (named[codePoint] !== undefined) return named[codePoint];
  if (/[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Z}]/u.test(text)) return '□';
  return /\p{M}/u.test(text) ? `◌${text}` : text;
}
