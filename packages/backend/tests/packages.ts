import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import type { Machine } from '../src/internal/machine.ts';

/** A folder of stand-ins for packages, which `require` finds as if NODE_PATH named it, and nothing else that NODE_PATH did. */
export class Packages {
  readonly folder = mkdtempSync(join(tmpdir(), 'proj-packages-'));
  private readonly before = process.env.NODE_PATH;

  /** `path`: a folder of packages that are found too. */
  constructor(path = '') {
    this.usePath([this.folder, path].join(delimiter));
  }

  /** Installs a package of these files; its main file is `index.js`. */
  add(name: string, version: string, files: Record<string, string | Uint8Array> = {}): string {
    const folder = join(this.folder, name);
    rmSync(folder, { recursive: true, force: true });
    const all = { 'package.json': JSON.stringify({ name, version, main: 'index.js' }), ...files };
    for (const [file, content] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    const { cache } = require_;
    for (const path of Object.keys(cache)) if (path.startsWith(folder)) delete cache[path];
    return folder;
  }

  remove(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  /** Deletes all of it, and what NODE_PATH named is found again. */
  dispose(): void {
    rmSync(this.folder, { recursive: true });
    this.usePath(this.before);
  }

  private usePath(path: string | undefined): void {
    if (path === undefined) delete process.env.NODE_PATH;
    else process.env.NODE_PATH = path;
    (Module as unknown as { _initPaths(): void })._initPaths(); // Node reads NODE_PATH once
  }
}

/** Before each test of how an engine is chosen: PROJ_ENGINE has chosen one for the whole suite. */
export function skipIfChosen({ skip, task }: TestContext): void {
  if (process.env.PROJ_ENGINE === undefined) return;
  console.log(`skipped, for PROJ_ENGINE has chosen the engine: ${task.name}`);
  skip();
}

const require_ = Module.createRequire(import.meta.url);

/** A library for a machine of ELF, such as 62 for x64 and 183 for arm64: its header, and a table of 3 sections of 64 bytes. */
export function elf(machine: number): Uint8Array {
  const file = new Uint8Array(64 + 3 * 64);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, machine, 0]);
  const header = new DataView(file.buffer);
  header.setBigUint64(40, 64n, true);
  header.setUint16(58, 64, true);
  header.setUint16(60, 3, true);
  return file;
}

/** A machine that has these files (path to text) and nothing else. */
export function machine(files: Record<string, string> = {}, rest: Partial<Machine> = {}): Machine {
  const paths = Object.keys(files);
  return {
    platform: 'linux',
    arch: 'x64',
    env: {},
    exists: (path) => paths.some((file) => file === path || file.startsWith(`${path}/`)),
    list: (folder) => [
      ...new Set(paths.flatMap((f) => (f.startsWith(`${folder}/`) ? [f.slice(folder.length + 1).split('/')[0]!] : []))),
    ],
    read: (path) => files[path] ?? '',
    size: (path) => files[path]?.length ?? 0,
    ...rest,
  };
}
