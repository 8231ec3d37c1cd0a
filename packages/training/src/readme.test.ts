import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it, vi } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it("the README's snippet is examples/readme.ts and prints what the README says", async () => {
  const readme = read('../README.md');
  const snippet = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  expect(snippet).toBe(read('../examples/readme.ts'));
  expect(snippet.trimEnd().split('\n').length).toBeLessThan(20);
  const output = /```ts\n[\s\S]*?```\s+```text\n([\s\S]*?)```/.exec(readme)![1]!;

  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../examples/readme.ts');
  await vi.waitFor(() => expect(log).toHaveBeenCalled(), { timeout: 10_000 });
  expect(`${log.mock.calls.map((words) => words.join(' ')).join('\n')}\n`).toBe(output);
});
