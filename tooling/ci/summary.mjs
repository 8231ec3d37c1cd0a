#!/usr/bin/env node
// Adds up what vitest reported for every package and app, and for the suites on other engines (engines.mjs) if they ran, and ends with
// one line: `N passed, N failed`. `--clean` removes the reports instead, so that none of an earlier run is counted: turbo puts back those
// of the tasks it answers from its cache. Exit status: 1 if a test failed, a report is missing, or no test ran at all.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addUp, ENGINE_REPORTS } from './reports.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const suites = { test: 'test.json', 'test:long': 'long.json' };
const engines = join(root, ENGINE_REPORTS);

const folders = ['packages', 'apps', 'tooling']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .filter((folder) => existsSync(join(folder, 'package.json')));

if (process.argv.includes('--clean')) {
  for (const folder of folders) rmSync(join(folder, '.reports'), { recursive: true, force: true });
  rmSync(engines, { recursive: true, force: true });
  process.exit(0);
}

const total = { passed: 0, failed: 0, skipped: 0 };
let missing = 0;

/** Counts a report in, and names what failed or was skipped in it; `where` says on which engine, if not on the usual ones. */
function count(report, where = '') {
  const { passed, failed, skipped, failures, skips } = addUp(JSON.parse(readFileSync(report, 'utf8')));
  for (const test of failures) console.log(`${where}${relative(root, test)}`);
  for (const test of skips) console.log(`${where}skipped ${relative(root, test)}`);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

for (const folder of folders) {
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const [script, file] of Object.entries(suites)) {
    if (!scripts[script]) continue;
    const report = join(folder, '.reports', file);
    if (existsSync(report)) count(report);
    else {
      console.log(`${relative(root, folder)} ${script}: did not run`);
      missing += 1;
    }
  }
}
for (const file of existsSync(engines) ? readdirSync(engines).sort() : []) {
  count(join(engines, file), `${basename(file).split('-')[0]}: `);
}

console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed > 0 || missing > 0 || total.passed === 0 ? 1 : 0);
