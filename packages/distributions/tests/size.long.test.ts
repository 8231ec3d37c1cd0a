import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Measured {
  name: string;
  passed: boolean;
  size: number;
  sizeLimit: number;
}

// What an import adds to a page, minified and gzipped, TensorFlow.js aside: .size-limit.json has the limits. Of dist.
const home = fileURLToPath(new URL('..', import.meta.url));
const program = fileURLToPath(new URL('../node_modules/size-limit/bin.js', import.meta.url));

it('every entry stays within its limit', () => {
  const measured = JSON.parse(
    execFileSync(process.execPath, [program, '--json'], { cwd: home, encoding: 'utf8' }),
  ) as Measured[];
  for (const { name, size, sizeLimit } of measured) console.log(`${name}: ${size} of ${sizeLimit} bytes`);
  expect(measured.length).toBeGreaterThan(5);
  expect(measured.filter(({ passed }) => !passed)).toEqual([]);
});
