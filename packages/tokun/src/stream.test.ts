import fc from 'fast-check';
import { expect, it } from 'vitest';
import { preprocess } from './pipeline.ts';
import { streamText, streamTokens } from './stream.ts';

async function gather<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** Cuts bytes at these places. */
const cut = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

it('the pieces of a stream are those of the whole text, wherever its bytes are cut', async () => {
  const property = fc.asyncProperty(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.integer({ min: 1, max: 20 }),
    async (text, size) => {
      const source = cut(new TextEncoder().encode(text), size);
      const pieces = await gather(streamTokens(source, { tokens: 3 }));
      expect(Buffer.concat(pieces).equals(preprocess(text))).toBe(true);
      expect(pieces.slice(0, -1).every(({ length }) => length === 48)).toBe(true);
      expect((await gather(streamText(cut(Buffer.concat(pieces), size)))).join('')).toBe(text.replace(/\0+$/, ''));
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 200 });
});

it('a byte order mark stays', async () => {
  const source = [new TextEncoder().encode('\uFEFFa')];
  expect((await gather(streamText(streamTokens(source)))).join('')).toBe('\uFEFFa');
});

it('invalid UTF-8 becomes U+FFFD, or stops the stream', async () => {
  const source = [new Uint8Array([97, 0xff])];
  expect((await gather(streamText(streamTokens(source)))).join('')).toBe('a\uFFFD');
  await expect(gather(streamTokens(source, { fatal: true }))).rejects.toThrow(TypeError);
  await expect(gather(streamTokens([new Uint8Array([0xe2])], { fatal: true }))).rejects.toThrow(TypeError);
});

it('a last word that is cut is U+FFFD', async () => {
  expect(await gather(streamText([new Uint8Array([0, 0, 0, 65, 0]), new Uint8Array([0])]))).toEqual(['A', '\uFFFD']);
});

it('refuses sizes that are none', async () => {
  await expect(gather(streamTokens([], { tokenSize: 0 }))).rejects.toThrow(
    new RangeError('streamTokens: tokenSize must be a positive integer, got 0.'),
  );
});
