import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { probeNative, restoreUtil } from './native.ts';

const folder = mkdtempSync(join(tmpdir(), 'proj-native-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A stand-in for an installed addon. */
function addon(name: string, source: string): string {
  const path = join(folder, `${name}.cjs`);
  writeFileSync(path, source);
  return path;
}

it('an addon that loads has no reason against it, and gets the functions that Node 23 took from util', async () => {
  const path = addon('good', "if (!require('util').isNullOrUndefined(null) || !require('util').isArray([])) throw 1;");
  expect(await probeNative(path)).toBeNull();
});

it('an addon that fails is told by the first line of its error', async () => {
  const path = addon('bad', "throw new Error('libtensorflow.so.2: cannot open shared object file\\nmore lines');");
  expect(await probeNative(path)).toBe(
    `addon failed to load (libtensorflow.so.2: cannot open shared object file): npm rebuild ${path} --build-addon-from-source`,
  );
});

it('restoreUtil gives back what is missing and leaves what is there', () => {
  const functions = util as unknown as Record<string, unknown>;
  const { isArray, isNullOrUndefined } = functions;
  const own = () => true;
  functions.isArray = own;
  functions.isNullOrUndefined = undefined;
  try {
    restoreUtil();
    expect(functions.isArray).toBe(own);
    const restored = functions.isNullOrUndefined as (value: unknown) => boolean;
    expect([null, undefined, 0, ''].map(restored)).toEqual([true, true, false, false]);
  } finally {
    Object.assign(functions, { isArray, isNullOrUndefined });
  }
});
