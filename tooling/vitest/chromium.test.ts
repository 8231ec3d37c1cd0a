import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHROMIUM } from './chromium.ts';

// In the long suite of every package whose whole suite runs in Chromium too: says so where it cannot.
const missing = !existsSync(CHROMIUM);
const reason = missing ? ` (this suite's run in it skipped: no ${CHROMIUM}; Debian: apt-get install chromium)` : '';

it.skipIf(missing)(`Chromium is here${reason}`, () => {
  expect(execFileSync(CHROMIUM, ['--version'], { encoding: 'utf8' })).toMatch(/^Chromium \d+/);
});
