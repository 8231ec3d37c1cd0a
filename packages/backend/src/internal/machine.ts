import { builtin } from './node.ts';

/** What a diagnosis looks at of the machine; tests give one of their own. In Node only. */
export interface Machine {
  /** As `process.platform` and `process.arch` have them. */
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  /** Names in a folder; none if it is not there. */
  list(folder: string): string[];
  /** A file's text, one character a byte; empty if it cannot be read. `length`: at most so many bytes from its beginning. */
  read(path: string, length?: number): string;
  /** A file's length in bytes; 0 if it is not there. */
  size(path: string): number;
}

/** The machine this runs on. */
export function thisMachine(): Machine {
  const fs = builtin<typeof import('node:fs')>('node:fs');
  const or = <T>(fallback: T, f: () => T): T => {
    try {
      return f();
    } catch {
      return fallback;
    }
  };
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    exists: (path) => fs.existsSync(path),
    list: (folder) => or([], () => fs.readdirSync(folder)),
    read: (path, length) =>
      or('', () => {
        if (length === undefined) return fs.readFileSync(path, 'latin1');
        const file = fs.openSync(path, 'r');
        try {
          const bytes = Buffer.alloc(length);
          return bytes.toString('latin1', 0, fs.readSync(file, bytes, 0, length, 0));
        } finally {
          fs.closeSync(file);
        }
      }),
    size: (path) => or(0, () => fs.statSync(path).size),
  };
}

/** Whether a library of 64-bit Linux ends before its table of sections, which stands last: loading it would end the process by SIGBUS. */
export function isCutOff(path: string, machine: Machine): boolean {
  const header = machine.read(path, 64);
  if (!header.startsWith('\x7fELF\x02\x01') || header.length < 64) return false; // of less the linker says so itself
  const number = (at: number, bytes: number): number =>
    bytes === 0 ? 0 : header.charCodeAt(at) + 256 * number(at + 1, bytes - 1);
  const [table, entry, entries] = [number(40, 8), number(58, 2), number(60, 2)];
  return machine.size(path) < table + entry * entries;
}

/** Whether the dynamic linker of Linux or Windows would find a library by its name. Runs nothing. */
export function hasLibrary(name: string, machine: Machine): boolean {
  const { env, exists } = machine;
  if (machine.platform === 'win32') {
    const path = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? '';
    const folders = [...path.split(';'), `${env.SystemRoot ?? 'C:\\Windows'}\\System32`];
    return folders.some((folder) => folder !== '' && exists(`${folder}\\${name}`));
  }
  const folders = [...(env.LD_LIBRARY_PATH ?? '').split(':'), '/lib', '/usr/lib', '/lib64', '/usr/lib64'];
  if (folders.some((folder) => folder !== '' && exists(`${folder}/${name}`))) return true;
  return machine.read('/etc/ld.so.cache').includes(`/${name}\0`);
}
