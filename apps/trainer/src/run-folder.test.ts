import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from './errors.ts';
import { RunFolder } from './run-folder.ts';

let path: string;

beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'proj-run-'));
});

afterAll(() => rmSync(path, { recursive: true, force: true }));

it('gives assets back as they were written, and refuses others in their place', async () => {
  const folder = new RunFolder(path);
  const assets = await folder.writeAssets({ 'vocabulary.json': '["", "[UNK]", "sel é"]\n' });
  // printf '["", "[UNK]", "sel é"]\n' | sha256sum
  expect(assets).toEqual({ 'vocabulary.json': '89b6b08137b9ffcc5f51d6ecf844b90f436aa6065155ddd08e645f5b6fa9a212' });
  expect(folder.readAssets({ assets })).toEqual({ 'vocabulary.json': '["", "[UNK]", "sel é"]\n' });

  writeFileSync(folder.file('vocabulary.json'), '["", "[UNK]", "sucre"]\n');
  expect(() => folder.readAssets({ assets })).toThrow(UsageError);
  expect(() => folder.readAssets({ assets })).toThrow('vocabulary.json does not match the checkpoint');
  rmSync(folder.file('vocabulary.json'));
  expect(() => folder.readAssets({ assets })).toThrow('vocabulary.json is gone, and the model needs it');
});
