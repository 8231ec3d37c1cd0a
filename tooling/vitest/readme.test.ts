import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';

// Runs in every package that has examples/readme.ts; the working folder is the package.
const read = (path: string) => readFileSync(resolve(path), 'utf8');

afterEach(() => vi.restoreAllMocks());

it('the README holds the example, and the example prints what the README says', async () => {
  const blocks = [...read('README.md').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const snippet = blocks.findIndex(([, language]) => language === 'ts');
  const code = blocks[snippet]?.[2];
  const output = blocks[snippet + 1]?.[2];
  expect(code).toBe(read('examples/readme.ts'));
  expect(code!.trimEnd().split('\n').length).toBeLessThan(20);

  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const printed = () => log.mock.calls.map((words) => `${words.join(' ')}\n`).join('');
  await import(pathToFileURL(resolve('examples/readme.ts')).href);
  // An example without top-level await may still be at work.
  await vi.waitFor(() => expect(printed().length).toBeGreaterThanOrEqual(output!.length), 20_000);
  expect(printed()).toBe(output);
});
