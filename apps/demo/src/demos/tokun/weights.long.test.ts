import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useEngine } from '@proj/backend';
import { permutation } from '@proj/distributions/random';
import { decodeUtf32 } from '@proj/tokun';
import { beforeAll, expect, it } from 'vitest';
import { TokunDemo } from './tokun.ts';

// The figures of weights/README.md; the bounds are a little below them.

const piece = 4096; // characters at once

let demo: TokunDemo;

beforeAll(async () => {
  await useEngine('wasm');
  demo = new TokunDemo(readFileSync(new URL('weights/tokun.safetensors', import.meta.url)));
  return () => demo.dispose();
});

/** How many characters come back right. */
async function countRight(characters: readonly string[], sigma = 0): Promise<number> {
  let right = 0;
  for (let at = 0; at < characters.length; at += piece) {
    const original = characters.slice(at, at + piece);
    const { decoded } = await demo.show({ text: original.join(''), sigma, seed: at });
    const back = Array.from(decodeUtf32(decoded));
    right += original.filter((character, i) => character === back[i]).length;
  }
  return right;
}

it('every code point but the surrogates, in a random order: 39 wrong of 1,112,064', async () => {
  const all = Array.from(permutation(0x110000, 7))
    .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
    .map((codePoint) => String.fromCodePoint(codePoint));
  expect(all).toHaveLength(1_112_064);
  expect(all.length - (await countRight(all))).toBeLessThan(80);
});

const data = process.env.PROJ_DATA_DIR;
const why = data ? '' : ': skipped, PROJ_DATA_DIR is not set';

/** Characters of the files of `PROJ_DATA_DIR/text`, in the order of their names. */
const texts = () =>
  (readdirSync(join(data!, 'text'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => ({ name, characters: Array.from(readFileSync(join(data!, 'text', name), 'utf8')) }));

it.skipIf(!data)(`every text at hand, whole: 99.98 % at least${why}`, async () => {
  const accuracies: Record<string, number> = {};
  for (const { name, characters } of texts()) accuracies[name] = (await countRight(characters)) / characters.length;
  expect(Object.keys(accuracies).length).toBeGreaterThan(10);
  expect(Object.entries(accuracies).filter(([, accuracy]) => accuracy < 0.9998)).toEqual([]);
});

it.skipIf(!data)(`what noise leaves of the first 1,024 characters of every text${why}`, async () => {
  const sample = texts().flatMap(({ characters }) => characters.slice(0, 1024));
  const accuracy = async (sigma: number) => (await countRight(sample, sigma)) / sample.length;
  expect(await accuracy(0.05)).toBeGreaterThan(0.999); // 1
  expect(await accuracy(0.1)).toBeGreaterThan(0.98); // 0.991
  expect(Math.abs((await accuracy(0.2)) - 0.7)).toBeLessThan(0.03); // 0.699
  expect(await accuracy(0.6)).toBeLessThan(0.1); // 0.053
});
