import { expect, it } from 'vitest';
import { tokunBytes } from './tokun-bytes.ts';

it('65,536 characters in UTF-32', async () => {
  const bytes = await tokunBytes();
  expect(bytes).toHaveLength(262_144);
  expect(bytes.every((byte) => byte >= 0 && byte < 256)).toBe(true);
  expect(bytes.filter((_, i) => i % 4 === 0).every((byte) => byte === 0)).toBe(true);
});

it.skipIf(!process.env.PROJ_DATA_DIR)('8,192 of each language (needs PROJ_DATA_DIR)', async () => {
  const bytes = await tokunBytes();
  /** The share of a language's characters whose block begins so. */
  const share = (language: number, block: number) => {
    const all = bytes.subarray(4 * 8192 * language, 4 * 8192 * (language + 1));
    return all.filter((byte, i) => i % 4 === 2 && byte === block).length / 8192;
  };
  for (const [language, block] of [
    [0, 0x06],
    [4, 0x09],
    [5, 0x04],
  ] as const) {
    expect(share(language, block)).toBeGreaterThan(0.5); // Arabic, Devanagari, Cyrillic
  }
});
