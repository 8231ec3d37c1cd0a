import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DataError } from '../data-error.ts';
import { writeFileAtomic } from './write-file-atomic.ts';

/** Set by a test: what the disk does when a file is written. */
const disk = vi.hoisted(() => ({ fault: undefined as string | undefined, synced: [] as string[] }));

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open = async (...args: Parameters<typeof fs.open>) => {
    const file = await fs.open(...args);
    const { writeFile: write, sync } = file;
    file.writeFile = async (data, ...rest) => {
      if (disk.fault === undefined) return write.call(file, data, ...rest);
      await write.call(file, (data as Uint8Array).subarray(0, 2)); // a full disk takes the first bytes
      throw Object.assign(new Error(`${disk.fault}: write`), { code: disk.fault });
    };
    file.sync = () => {
      disk.synced.push(String(args[0]));
      return sync.call(file);
    };
    return file;
  };
  return { ...fs, open };
});

let folder = '';

beforeEach(async () => {
  disk.fault = undefined;
  disk.synced = [];
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('writes bytes and text, makes folders, leaves nothing beside', async () => {
  const path = join(folder, 'a', 'b', 'weights.bin');
  await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
  await writeFileAtomic(path, 'naïve\n');
  expect(await readFile(path, 'utf8')).toBe('naïve\n');
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['weights.bin']);
});

it('writes pieces as they come; what their source throws comes through, and the old file stays', async () => {
  const path = join(folder, 'pieces');
  await writeFileAtomic(
    path,
    (async function* () {
      yield 'na';
      yield Uint8Array.of(0xc3);
      yield Uint8Array.of(0xaf);
      yield 've';
    })(),
  );
  expect(await readFile(path, 'utf8')).toBe('naïve');
  const fault = new RangeError('no more');
  const broken = (async function* () {
    yield 'half';
    throw fault;
  })();
  await expect(writeFileAtomic(path, broken)).rejects.toBe(fault);
  expect(await readFile(path, 'utf8')).toBe('naïve');
  expect(await readdir(folder)).toEqual(['pieces']);
});

it('syncs the new file before the rename and its folder after', async () => {
  await writeFileAtomic(join(folder, 'x'), 'new');
  expect(disk.synced).toHaveLength(2);
  expect(disk.synced[0]).toMatch(/\.x\.\w+\.tmp$/);
  expect(disk.synced[1]).toBe(folder);
});

it.each([
  ['ENOSPC', 'no space is left on the disk; free some or choose another place (ENOSPC)'],
  ['EACCES', 'permission denied; choose another place or change its permissions (EACCES)'],
  ['EODD', 'EODD: write'],
])('on %s the old file stays and nothing else', async (code, says) => {
  const path = join(folder, 'best.bin');
  await writeFile(path, 'old');
  disk.fault = code;
  const error = await writeFileAtomic(path, Uint8Array.of(1, 2, 3)).catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(DataError);
  expect((error as Error).message).toBe(`${path}: could not be written: ${says}. What was there before is unchanged.`);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['best.bin']);
});

it('says what is in the way', async () => {
  await mkdir(join(folder, 'taken', 'inside'), { recursive: true });
  await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toThrow(/it is a folder|in the way/);
  await writeFile(join(folder, 'file'), 'old');
  await expect(writeFileAtomic(join(folder, 'file', 'x'), 'x')).rejects.toThrow(/is a file, not a folder|in the way/);
  expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
});

it.skipIf(process.platform === 'win32')('keeps permissions, and a link a link (not on Windows)', async () => {
  const path = join(folder, 'secret');
  await writeFile(path, 'old');
  await chmod(path, 0o600);
  await symlink(path, join(folder, 'link'));
  await writeFileAtomic(join(folder, 'link'), 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).sort()).toEqual(['link', 'secret']);
});

it('twenty writers at once: the file is whole, one of theirs', async () => {
  const path = join(folder, 'shared');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(5000));
  await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['shared']);
});
