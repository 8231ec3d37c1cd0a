#!/usr/bin/env node
// Adds up what vitest reported for every package and app, and ends with one line: `N passed, N failed`.
// `--clean` removes the reports instead, so that none of an earlier run is counted: turbo puts back those of the tasks
// it answers from its cache. Exit status: 1 if a test failed, a report is missing, or no test ran at all.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const suites = { test: 'test.json', 'test:long': 'long.json' };

const folders = ['packages', 'apps', 'tooling']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .filter((folder) => existsSync(join(folder, 'package.json')));

if (process.argv.includes('--clean')) {
  for (const folder of folders) rmSync(join(folder, '.reports'), { recursive: true, force: true });
  process.exit(0);
}

const total = { passed: 0, failed: 0, skipped: 0 };
let missing = 0;

for (const folder of folders) {
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const [script, file] of Object.entries(suites)) {
    if (!scripts[script]) continue;
    const report = join(folder, '.reports', file);
    if (!existsSync(report)) {
      console.log(`${relative(root, folder)} ${script}: did not run`);
      missing += 1;
      continue;
    }
    for (const { name, status, message, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
      const of = (...statuses) => assertionResults.filter((test) => statuses.includes(test.status));
      const failed = of('failed');
      const skipped = of('pending', 'skipped', 'todo', 'disabled');
      for (const test of failed) console.log(`${relative(root, name)}: ${test.fullName}`);
      // Whatever skips a test puts the reason into its name.
      for (const test of skipped) console.log(`skipped ${relative(root, name)}: ${test.fullName}`);
      // A file that could not be loaded or set up fails as a whole, with no test to its name.
      const fileFailed = status === 'failed' && failed.length === 0;
      if (fileFailed) console.log(`${relative(root, name)}: ${message.split('\n')[0]}`);
      total.passed += of('passed').length;
      total.failed += failed.length + (fileFailed ? 1 : 0);
      total.skipped += skipped.length;
    }
  }
}

console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 || missing > 0 || total.passed === 0 ? 1 : 0);
