import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.restoreAllMocks());

it('the README holds the example, and the example prints what the README says', async () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const blocks = [...read('../README.md').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const snippet = blocks.findIndex(([, language]) => language === 'ts');
  expect(blocks[snippet]?.[2]).toBe(read('../examples/readme.ts'));

  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../examples/readme.ts');
  await vi.waitFor(() => expect(log).toHaveBeenCalled(), 20_000);
  expect(log.mock.calls.map((line) => `${line.join(' ')}\n`).join('')).toBe(blocks[snippet + 1]?.[2]);
});
