import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunk, chunkLabel, merge, offset } from './chunks.ts';

it('cuts by characters and not by code units', () => {
  expect(chunk('a😀bcd', 2)).toEqual(['a😀', 'bc', 'd']);
  expect(chunk('', 4)).toEqual([]);
  expect(chunk('abcd', 4)).toEqual(['abcd']);
});

it('chunks that come again stay out without repeats, in the order of first sight', () => {
  expect(chunk('ddddaaaaddddbb', 4, { repeats: false })).toEqual(['dddd', 'aaaa', 'bb']);
});

// The flaw of systems.md 1.8.2: a short chunk in the middle would shift all that follows.
it('with pad every chunk is whole, so joined chunks stay aligned', () => {
  const chunks = chunk('xyxyxyz', 4, { repeats: false, pad: true });
  expect(chunks).toEqual(['xyxy', 'xyz\0']);
  expect(chunk(merge([...chunks].reverse()), 4)).toEqual([...chunks].reverse());
});

it('merge is the inverse of chunk', () => {
  const property = fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (s, n) => {
    expect(merge(chunk(s, n))).toBe(s);
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

it('offset puts NULs before the text', () => {
  expect([0, 1, 2, 3].map((ticks) => offset('ab', ticks))).toEqual(['ab', '\0ab', '\0\0ab', '\0\0\0ab']);
});

it('refuses sizes and ticks that are none', () => {
  expect(() => chunk('a', 0)).toThrow(
    new RangeError('chunk: size must be a positive integer number of characters, got 0.'),
  );
  expect(() => offset('a', -1)).toThrow(
    new RangeError('offset: ticks must be a natural number of characters, got -1.'),
  );
});

it('a label has the code points too', () => {
  expect(chunkLabel('A')).toBe('A #00000041');
  expect(chunkLabel('a😀\n\0')).toBe('a😀\n #00000061 #0001F600 #0000000A');
  expect(chunkLabel('')).toBe('');
});
