import fc from 'fast-check';
import { expect, it } from 'vitest';
import { padBytes, unpad } from './padding.ts';
import { decodeUtf32, encodeUtf32 } from './utf32.ts';

// Sizes: systems.md 1.7 and 1.9, tokens of 16 bytes.
it.each([
  [0, 0],
  [1, 16],
  [134, 544],
  [135, 544],
  [136, 544],
  [137, 560],
])('%i characters fill %i bytes', (characters, bytes) => {
  expect(padBytes(encodeUtf32('x'.repeat(characters)), 16).length).toBe(bytes);
});

it('pads with zeros at the end, into a copy', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect([...padBytes(bytes, 4)]).toEqual([1, 2, 3, 0]);
  expect([...padBytes(bytes, 1)]).toEqual([1, 2, 3]);
  padBytes(bytes, 3)[0] = 9;
  expect([...bytes]).toEqual([1, 2, 3]);
  expect([...padBytes(bytes.subarray(1), 4)]).toEqual([2, 3, 0, 0]);
});

it.each([0, -4, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses tokens of %d bytes', (size) => {
  expect(() => padBytes(new Uint8Array(1), size)).toThrow(
    new RangeError(`padBytes: tokenSize must be a positive integer number of bytes, got ${size}.`),
  );
});

it('unpad takes the NULs at the end and no others', () => {
  expect(unpad('\0\0a\0b\0\0')).toBe('\0\0a\0b');
  expect(unpad('a ')).toBe('a ');
  expect(unpad('\0\0')).toBe('');
  expect(unpad('')).toBe('');
});

it('text to padded bytes and back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((s) => !s.endsWith('\0'));
  const property = fc.property(text, fc.constantFrom(4, 16, 64), (s, tokenSize) => {
    const bytes = padBytes(encodeUtf32(s), tokenSize);
    expect(bytes.length % tokenSize).toBe(0);
    expect(unpad(decodeUtf32(bytes))).toBe(s);
  });
  fc.assert(property, { seed: 3, numRuns: 500 });
});
