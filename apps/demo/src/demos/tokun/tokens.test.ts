import { encodeUtf32, preprocess } from '@proj/tokun';
import { expect, it } from 'vitest';
import type { Shown } from './protocol.ts';
import { runsOf, tokensOf } from './tokens.ts';

const none = new Float32Array();
const shown = (text: string, decoded = preprocess(text)): Shown => ({
  ...{ text, tokenSize: 16, bytes: preprocess(text), decoded, accuracy: 1, milliseconds: 0 },
  ...{ vectors: none, points: none, noisyPoints: none, shares: [0, 0] },
});
/** The words given, then zeros up to a token. */
const words = (...codePoints: number[]) => {
  const bytes = new Uint8Array(16 * Math.ceil(codePoints.length / 4));
  codePoints.forEach((codePoint, i) => {
    new DataView(bytes.buffer).setUint32(4 * i, codePoint);
  });
  return bytes;
};

it('a token is four characters with their bytes, the last one made up with zeros', () => {
  const [first, second, ...more] = tokensOf(shown('né 😀!'));
  expect(more).toEqual([]);
  expect(first!.map(({ glyph, bytes }) => [glyph, bytes])).toEqual([
    ['n', '00 00 00 6E'],
    ['é', '00 00 00 E9'],
    ['␣', '00 00 00 20'],
    ['😀', '00 01 F6 00'],
  ]);
  expect(second!.map(({ glyph, padding }) => [glyph, padding])).toEqual([
    ['!', false],
    ['∅', true],
    ['∅', true],
    ['∅', true],
  ]);
  expect([...first!, ...second!].every(({ right, glyph, decoded }) => right && glyph === decoded)).toBe(true);
});

it('says which characters came back wrong, and as what', () => {
  const [token] = tokensOf(shown('abc', words(0x61, 0x3b1, 0x110000)));
  expect(token!.map(({ decoded, right }) => [decoded, right])).toEqual([
    ['a', true],
    ['α', false],
    ['\ufffd', false],
    ['∅', true],
  ]);
});

it('shows what cannot be seen: blanks, controls, surrogates, marks by themselves', () => {
  const glyphs = tokensOf(shown('\t\n\u200b\u0301\u00a0\u{10ffff}\u0627')).flat();
  expect(glyphs.map(({ glyph }) => glyph)).toEqual(['⇥', '⏎', '□', '◌\u0301', '□', '□', '\u0627', '∅']);
  const [token] = tokensOf(shown('a', words(0xd800)));
  expect(token![0]!.decoded).toBe('\ufffd');
});

it('keeps what is right in one piece, and sets apart what is wrong', () => {
  expect(runsOf(shown('مرحبا'))).toEqual([{ text: 'مرحبا', right: true }]);
  expect(runsOf(shown('abcd', encodeUtf32('aXYd')))).toEqual([
    { text: 'a', right: true },
    { text: 'XY', right: false },
    { text: 'd', right: true },
  ]);
  expect(runsOf(shown('ab', words(0x61, 0, 0x7a)))).toEqual([
    { text: 'a', right: true },
    { text: '∅z', right: false }, // the padding after the text came back as a letter
  ]);
  expect(runsOf(shown(''))).toEqual([]);
});
