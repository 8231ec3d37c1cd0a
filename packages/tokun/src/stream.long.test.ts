import { expect, it } from 'vitest';
import { streamText, streamTokens } from './stream.ts';

const PART = 2 ** 16;
const PARTS = 2 ** 14;

/** A gigabyte of UTF-8, made part by part. */
function* gigabyte() {
  const part = new TextEncoder().encode('aé中😀xyz\n'.repeat(PART)).slice(0, PART);
  for (let i = 0; i < PARTS; i++) yield part;
}

it('a gigabyte goes through in bounded memory, to tokens and back', async () => {
  const before = process.memoryUsage();
  let most = 0;
  let characters = 0;
  let pieces = 0;
  const watched = async function* () {
    for await (const piece of streamTokens(gigabyte(), { tokens: 4096 })) {
      if (pieces++ % 1024 === 0) {
        const { heapUsed, external } = process.memoryUsage();
        most = Math.max(most, heapUsed + external - before.heapUsed - before.external);
      }
      yield piece;
    }
  };
  for await (const text of streamText(watched())) characters += text.length;
  expect(characters).toBeGreaterThan((PART * PARTS) / 2.5);
  expect(most).toBeLessThan(256 * 2 ** 20); // of 1 GB of text, 2 GB of tokens
}, 600_000);
