import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeUtf32, encodeUtf32 } from './utf32.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

// Golden: Python 3.11, text.encode('utf-32-be').hex().
it('encodes as Python does, from one byte to four', () => {
  expect(hex(encodeUtf32('Aéह中😀\u{10FFFF}\0z'))).toBe(
    '00000041000000e90000093900004e2d0001f6000010ffff000000000000007a',
  );
  expect(hex(encodeUtf32('\u{1F600}'))).toBe('0001f600');
  expect(hex(encodeUtf32(''))).toBe('');
});

// Golden: Python 3.11, bytes.decode('utf-32-be', 'replace').
it('decodes as Python does, with one U+FFFD for each word that is no character', () => {
  expect(decodeUtf32(bytesOf('00000041 0000d800 00110000 00000042 ffffffff 0000dfff'))).toBe(
    'A\uFFFD\uFFFDB\uFFFD\uFFFD',
  );
  expect(decodeUtf32(bytesOf('0010ffff 0000d7ff 0000e000'))).toBe('\u{10FFFF}\uD7FF\uE000');
  expect(decodeUtf32(bytesOf('80000041 01000041'))).toBe('\uFFFD\uFFFD');
});

it('a cut last word is one U+FFFD, also when its bytes are 0 or the end of a longer buffer', () => {
  for (const cut of ['00', '0000', '000000', '00000042'.slice(0, 6)]) {
    expect(decodeUtf32(bytesOf(`00000041${cut}`))).toBe('A\uFFFD');
  }
  expect(decodeUtf32(bytesOf('00000041 00000042').subarray(0, 7))).toBe('A\uFFFD');
  expect(decodeUtf32(new Uint8Array())).toBe('');
});

it('reads a view that starts anywhere in its buffer', () => {
  expect(decodeUtf32(bytesOf('ffff00 0001f600').subarray(3))).toBe('😀');
});

it('keeps U+FEFF and NULs: there is no byte order mark and no padding here', () => {
  for (const text of ['\uFEFFa', '\0\0a\0', 'a\uFEFF']) expect(decodeUtf32(encodeUtf32(text))).toBe(text);
});

it('round trip of every scalar value, alone and all in a row', () => {
  const scalars = Array.from({ length: 0x110000 }, (_, i) => i).filter((c) => c < 0xd800 || c > 0xdfff);
  expect(scalars.length).toBe(1_112_064);
  const wrong = scalars.filter((codePoint) => {
    const character = String.fromCodePoint(codePoint);
    const bytes = encodeUtf32(character);
    const word = bytes[0]! * 2 ** 24 + bytes[1]! * 2 ** 16 + bytes[2]! * 2 ** 8 + bytes[3]!;
    return bytes.length !== 4 || word !== codePoint || decodeUtf32(bytes) !== character;
  });
  expect(wrong).toEqual([]);
  const text = scalars.map((c) => String.fromCodePoint(c)).join('');
  expect(decodeUtf32(encodeUtf32(text)) === text).toBe(true);
});

it('every surrogate alone becomes U+FFFD, as a character and as a word', () => {
  for (let unit = 0xd800; unit <= 0xdfff; unit++) {
    expect(hex(encodeUtf32(`a${String.fromCharCode(unit)}b`))).toBe('000000610000fffd00000062');
    expect(decodeUtf32(new Uint8Array([0, 0, unit >> 8, unit & 255]))).toBe('\uFFFD');
  }
  expect(decodeUtf32(encodeUtf32('\uDE00\uD83D'))).toBe('\uFFFD\uFFFD'); // a pair the wrong way round
});

it('any string comes back, but for its lone surrogates; the length is 4 bytes a code point', () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)),
    maxLength: 50,
  });
  const nearPairs = fc.string({ unit: fc.constantFrom('\uD83D', '\uDE00', 'a', '\uFFFD'), maxLength: 20 });
  const property = fc.property(fc.oneof(text, nearPairs), (s) => {
    const bytes = encodeUtf32(s);
    expect(bytes.length).toBe(4 * [...s].length);
    expect(decodeUtf32(bytes)).toBe(s.replace(/\p{Surrogate}/gu, '\uFFFD'));
  });
  fc.assert(property, { seed: 1, numRuns: 1000 });
});

it('any bytes decode, to one code point a word, and what comes out encodes again', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    const text = decodeUtf32(bytes);
    expect([...text].length).toBe(Math.ceil(bytes.length / 4));
    expect(decodeUtf32(encodeUtf32(text))).toBe(text);
  });
  fc.assert(property, { seed: 2, numRuns: 1000 });
});
