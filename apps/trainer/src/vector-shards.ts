import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataError, sha256File, writeFileAtomic } from '@proj/io/node';
import { readVectorHeader } from './vector-file.ts';

/** One file of several, in the manifest beside them. */
export interface ManifestShard {
  readonly file: string;
  readonly index: number;
  readonly tokens: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: 1;
  /** What all shards have in common: the input's SHA-256, the weights', and so on. */
  readonly about: Readonly<Record<string, string>>;
  readonly count: number;
  /** Those that are there, by their index. */
  readonly shards: readonly ManifestShard[];
}

/** vectors.safetensors, the second of four: vectors-00002-of-00004.safetensors. */
export function shardPath(out: string, index: number, count: number): string {
  const digits = (n: number) => String(n).padStart(5, '0');
  return `${withoutEnding(out)}-${digits(index)}-of-${digits(count)}.safetensors`;
}

export const manifestPath = (out: string): string => `${withoutEnding(out)}.manifest.json`;

const withoutEnding = (path: string) => path.replace(/\.safetensors$/, '');

/** Writes the manifest of the shards that are there; whatever other processes finish meanwhile is in it too. */
export async function writeManifest(out: string, about: Manifest['about'], count: number): Promise<void> {
  const present = async () => {
    const names = Array.from({ length: count }, (_, i) => basename(shardPath(out, i + 1, count)));
    const there = new Set(await readdir(dirname(out)));
    return names.flatMap((file, i) => (there.has(file) ? [{ file, index: i + 1 }] : []));
  };
  for (;;) {
    const found = await present();
    const shards: ManifestShard[] = [];
    for (const { file, index } of found) {
      const path = join(dirname(out), file);
      shards.push({ file, index, tokens: (await readVectorHeader(path)).rows, sha256: await sha256File(path) });
    }
    const manifest: Manifest = { format: 1, about, count, shards };
    await writeFileAtomic(manifestPath(out), new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
    if ((await present()).length === found.length) return;
  }
}

/** Files with vectors in their order: those of a manifest, or the one. @throws DataError if a shard is missing or another than it was. */
export async function vectorFiles(path: string): Promise<string[]> {
  if (!path.endsWith('.json')) return [path];
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  } catch (error) {
    throw new DataError(`${path}: expected a manifest of trainer encode: ${(error as Error).message}`);
  }
  const { count, shards } = manifest;
  if (manifest.format !== 1 || !Array.isArray(shards))
    throw new DataError(`${path}: expected a manifest of trainer encode.`);
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter(
    (i) => !shards.some(({ index }) => index === i),
  );
  if (missing.length > 0) {
    throw new DataError(
      `${path}: shards ${missing.join(', ')} of ${count} are missing. Make them with trainer encode --shard.`,
    );
  }
  const files = [...shards].sort((a, b) => a.index - b.index).map(({ file }) => join(dirname(path), basename(file)));
  for (const [i, file] of files.entries()) {
    const { sha256 } = shards.find(({ index }) => index === i + 1)!;
    if ((await sha256File(file)) !== sha256)
      throw new DataError(`${file}: expected SHA-256 ${sha256}, it has another. Encode it again.`);
  }
  return files;
}
