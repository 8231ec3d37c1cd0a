import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bits } from '@proj/distributions/random';
import { encodeUtf32 } from '@proj/tokun';

const LANGUAGES = ['ar', 'de', 'en', 'es', 'hi', 'ru', 'vi', 'zh'];
const CHARACTERS = 8192;

/** UTF-32 of the first 8,192 characters of each XQuAD language where PROJ_DATA_DIR holds them; else as many random code points below 2^16. */
export async function tokunBytes(): Promise<Int32Array> {
  const folder = process.env.PROJ_DATA_DIR;
  if (!folder)
    return Int32Array.from(bits(4 * CHARACTERS * LANGUAGES.length, 0), (word, i) => (i % 4 < 2 ? 0 : word & 255));
  const pieces = LANGUAGES.map(async (language) => {
    const text = await readFile(join(folder, 'text', 'xquad-contexts', `${language}.txt`), 'utf8');
    return encodeUtf32(text).subarray(0, 4 * CHARACTERS);
  });
  return Int32Array.from(Buffer.concat(await Promise.all(pieces)));
}
