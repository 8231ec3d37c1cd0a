import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, sha256File, writeFileAtomic } from '@proj/io/node';
import { z } from 'zod';
import { MOST_SHARDS } from './options.ts';
import { readVectorHeader } from './vector-file.ts';

const schema = z.object({
  format: z.literal(1),
  about: z.record(z.string(), z.string()),
  count: z.int().min(1).max(MOST_SHARDS),
  shards: z.array(
    z.object({ file: z.string(), index: z.int().min(1), tokens: z.int().min(0), sha256: z.string() }).readonly(),
  ),
});

/** `about` is what all shards have in common: the input's SHA-256, the weights', and so on; `shards` are those there, by index. */
export type Manifest = Readonly<z.infer<typeof schema>>;

/** vectors.safetensors, the second of four: vectors-00002-of-00004.safetensors. */
export function shardPath(out: string, index: number, count: number): string {
  const digits = (n: number) => String(n).padStart(5, '0');
  return `${withoutEnding(out)}-${digits(index)}-of-${digits(count)}.safetensors`;
}

export const manifestPath = (out: string): string => `${withoutEnding(out)}.manifest.json`;

const withoutEnding = (path: string) => path.replace(/\.safetensors$/, '');

/**
 * Whether a shard is there.
 *
 * @throws DataError if what is there is cut off, of another text, run or place, or not what the manifest says was written.
 */
export async function hasShard(out: string, about: Manifest['about'], index: number, count: number): Promise<boolean> {
  const path = shardPath(out, index, count);
  if (!existsSync(path)) return false;
  await checkShard(path, about, index, count);
  const written = (await knownHashes(out, about, count)).get(index);
  if (written === undefined || (await sha256File(path)) === written) return true;
  throw new DataError(`${path}: expected SHA-256 ${written}, it has another. Remove it and encode it again.`);
}

/** @throws DataError if another shard is there than these have in common. */
export async function checkOtherShards(out: string, about: Manifest['about'], count: number): Promise<void> {
  for (const { path, index } of await present(out, count)) await checkShard(path, about, index, count);
}

async function checkShard(path: string, about: Manifest['about'], index: number, count: number): Promise<number> {
  const { metadata, rows } = await readVectorHeader(path);
  const expected = { ...about, shard: `${index}/${count}` };
  const other = Object.entries(expected).find(([key, value]) => metadata[key] !== value)?.[0];
  if (other === undefined) return rows;
  throw new DataError(
    `${resolve(path)} is there and has another ${other}: it is of another text or run. Remove it, or choose another --out.`,
  );
}

async function present(out: string, count: number): Promise<{ path: string; index: number }[]> {
  const folder = dirname(out);
  const there = new Set(existsSync(folder) ? await readdir(folder) : []);
  const all = Array.from({ length: count }, (_, i) => ({ path: shardPath(out, i + 1, count), index: i + 1 }));
  return all.filter(({ path }) => there.has(basename(path)));
}

/** SHA-256 by index, as the manifest has them if it is one of the same text and run. */
async function knownHashes(out: string, about: Manifest['about'], count: number): Promise<Map<number, string>> {
  const text = await readFile(manifestPath(out), 'utf8').catch(() => 'null');
  const { data } = schema.safeParse(parsed(text));
  const same = data?.count === count && Object.entries(about).every(([key, value]) => data.about[key] === value);
  return new Map(same ? data.shards.map(({ index, sha256 }) => [index, sha256]) : []);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes the manifest of the shards that are there; whatever other processes finish meanwhile is in it too. `own` is the one just written.
 *
 * @throws DataError if a shard is of another text or run.
 */
export async function writeManifest(
  out: string,
  about: Manifest['about'],
  count: number,
  own?: { readonly index: number; readonly sha256: string },
): Promise<void> {
  for (;;) {
    const hashes = await knownHashes(out, about, count);
    if (own !== undefined) hashes.set(own.index, own.sha256);
    const found = await present(out, count);
    const shards: Manifest['shards'] = [];
    for (const { path, index } of found) {
      const tokens = await checkShard(path, about, index, count);
      shards.push({ file: basename(path), index, tokens, sha256: hashes.get(index) ?? (await sha256File(path)) });
    }
    const manifest: Manifest = { format: 1, about, count, shards };
    await writeFileAtomic(manifestPath(out), `${JSON.stringify(manifest, null, 2)}\n`);
    if ((await present(out, count)).length === found.length) return;
  }
}

/**
 * Files with vectors in their order: those of a manifest, or the one.
 *
 * @throws DataError if the manifest is damaged, or a shard is missing or another than it was.
 */
export async function vectorFiles(path: string): Promise<string[]> {
  if (!path.endsWith('.json')) return [path];
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`${path}: cannot be read: ${(error as Error).message}`);
  });
  const { data, error } = schema.safeParse(parsed(text));
  const foreign = (why: string) =>
    new DataError(`${path}: expected a manifest of trainer encode, ${why}. Encode a shard again: that writes it anew.`);
  if (error) throw foreign(`its ${error.issues[0]!.path.join('.') || 'content'} is none`);
  const { count } = data;
  const shards = new Map(data.shards.map((shard) => [shard.index, shard]));
  if (shards.size !== data.shards.length || data.shards.some(({ index }) => index > count)) {
    throw foreign(`its shards are not numbered from 1 to ${count}`);
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((i) => !shards.has(i));
  if (missing.length > 0) {
    const shown = missing.slice(0, 10).join(', ') + (missing.length > 10 ? ', ...' : '');
    throw new DataError(`${path}: shards ${shown} of ${count} are missing. Make them with trainer encode --shard.`);
  }
  const files: string[] = [];
  for (let index = 1; index <= count; index++) {
    const { file, sha256 } = shards.get(index)!;
    const at = join(dirname(path), basename(file));
    if ((await sha256File(at)) !== sha256) {
      throw new DataError(`${at}: expected SHA-256 ${sha256}, it has another. Remove it and encode it again.`);
    }
    files.push(at);
  }
  return files;
}
