import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@proj/io/node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeVectors } from './vector-file.ts';
import { checkOtherShards, hasShard, manifestPath, shardPath, vectorFiles, writeManifest } from './vector-shards.ts';

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proj-shards-'));
  out = join(folder, 'v.safetensors');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const about = { input: 'one', characters: '4' };

async function write(index: number, { common = about, value = index }: { common?: typeof about; value?: number } = {}) {
  const metadata = { ...common, shard: `${index}/2` };
  const pieces = (async function* () {
    yield Float32Array.of(value, value);
  })();
  return writeVectors(shardPath(out, index, 2), { rows: 2, columns: 1, metadata }, pieces);
}

it('a manifest of two shards, each written by itself', async () => {
  const first = await write(1);
  await writeManifest(out, about, 2, { index: 1, sha256: first });
  await expect(vectorFiles(manifestPath(out))).rejects.toThrow('shards 2 of 2 are missing');
  await write(2);
  expect(await hasShard(out, about, 2, 2)).toBe(true);
  await writeManifest(out, about, 2);
  expect(await vectorFiles(manifestPath(out))).toEqual([shardPath(out, 1, 2), shardPath(out, 2, 2)]);
});

it('shards of another text never come together with these', async () => {
  const other = { ...about, input: 'two' };
  await write(2, { common: other });
  await expect(checkOtherShards(out, about, 2)).rejects.toThrow(
    '00002-of-00002.safetensors is there and has another input',
  );
  await write(1);
  await expect(writeManifest(out, about, 2)).rejects.toThrow(DataError);
  expect(existsSync(manifestPath(out))).toBe(false);
});

it('a shard that changed after it was written is no finished one, and its hash stays that of what was written', async () => {
  const sha256 = await write(1);
  await writeManifest(out, about, 2, { index: 1, sha256 });
  await write(1, { value: 9 }); // as if the disk had changed it
  await expect(hasShard(out, about, 1, 2)).rejects.toThrow('Remove it and encode it again');
  await write(2);
  await writeManifest(out, about, 2);
  expect(JSON.parse(readFileSync(manifestPath(out), 'utf8')).shards[0].sha256).toBe(sha256);
  await expect(vectorFiles(manifestPath(out))).rejects.toThrow(`expected SHA-256 ${sha256}`);
});

it('a shard that was removed and encoded again has its new hash', async () => {
  const first = await write(1);
  await writeManifest(out, about, 2, { index: 1, sha256: first });
  const again = await write(1, { value: 9 });
  await writeManifest(out, about, 2, { index: 1, sha256: again });
  expect(JSON.parse(readFileSync(manifestPath(out), 'utf8')).shards[0].sha256).toBe(again);
});

const sound = { format: 1, about: {}, count: 1, shards: [{ file: 'a', index: 1, tokens: 1, sha256: 'b' }] };

it.each([
  ['cut off', '{"format"', 'its content is none'],
  ['null', 'null', 'its content is none'],
  ['a list', '[]', 'its content is none'],
  ['without a format', '{}', 'its format is none'],
  ['with nothing as a shard', { ...sound, shards: [null] }, 'its shards.0 is none'],
  ['with a number for a file', { ...sound, shards: [{ ...sound.shards[0], file: 3 }] }, 'its shards.0.file is none'],
  ['of no shards', { ...sound, count: 0, shards: [] }, 'its count is none'],
  ['of very many', { ...sound, count: 1e9 }, 'its count is none'],
  [
    'with a shard twice',
    { ...sound, count: 2, shards: [sound.shards[0], sound.shards[0]] },
    'not numbered from 1 to 2',
  ],
  ['with one shard too many', { ...sound, shards: [{ ...sound.shards[0], index: 2 }] }, 'not numbered from 1 to 1'],
  ['with few of many', { ...sound, count: 99_999 }, 'shards 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ... of 99999 are missing'],
])('a manifest %s is refused in a line', async (_, content, message) => {
  const path = join(folder, 'm.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const error = await vectorFiles(path).catch((thrown: unknown) => thrown as Error);
  expect(error).toBeInstanceOf(DataError);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message.length).toBeLessThan(300);
});
