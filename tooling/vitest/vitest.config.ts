import { existsSync, readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CHROMIUM } from './chromium.ts';

// `vitest run --config ../../tooling/vitest/vitest.config.ts` in a package; PROJ_SUITE=long takes the *.long.test.ts files instead.
const long = process.env.PROJ_SUITE === 'long';

// The whole suite once more in Chromium, as part of the long one, for a package that has tests/browser.ts.
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const browser = long && existsSync('tests/browser.ts');

// A package's README is held to its example by one test that all of them share.
const readmeTest = relative(process.cwd(), here('readme.test.ts'));
const shared = existsSync('examples/readme.ts') ? [readmeTest] : [];

// With PROJ_ENGINE=NAME the tests that say nothing run on that engine; a package without tfjs has none. And tests that are about
// one engine or the choice of it, and why.
const engine = existsSync('node_modules/@tensorflow/tfjs-core') ? process.env.PROJ_ENGINE : undefined;
if (process.env.PROJ_ENGINE && !engine) console.log('PROJ_ENGINE changes nothing here: this package is without tfjs');
const oneEngine: Record<string, string> =
  engine && existsSync('tests/one-engine.json') ? JSON.parse(readFileSync('tests/one-engine.json', 'utf8')) : {};
// Files that WebGPU cannot hold to, or that take too long where the processor stands in for a card; single tests: engine.ts.
if (engine === 'webgpu') {
  const all = JSON.parse(readFileSync(here('webgpu.json'), 'utf8')) as Record<string, Record<string, string | object>>;
  const files = Object.entries(all[basename(process.cwd())] ?? {}).filter(([, why]) => typeof why === 'string');
  Object.assign(oneEngine, Object.fromEntries(files));
}
for (const [file, why] of Object.entries(oneEngine)) console.log(`not run on ${engine}: ${file} (${why})`);

export default defineConfig({
  root: process.cwd(),
  // Our own packages are read from their sources: no build first.
  resolve: { conditions: ['@proj/source', 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: ['@proj/source', 'node', 'development|production'] } },
  test: {
    name: basename(process.cwd()),
    include: long ? ['{src,tests}/**/*.long.test.ts'] : ['{src,tests}/**/*.test.ts', ...shared],
    exclude: [...(long ? [] : ['**/*.long.test.ts']), ...Object.keys(oneEngine)],
    environment: 'node',
    ...(engine && { setupFiles: [here('engine.ts')] }),
    pool: 'forks', // tfjs keeps its engine in a global: one process a file
    maxWorkers: 1, // turbo runs packages side by side; the machine has two cores
    testTimeout: long ? 600_000 : engine === 'webgpu' ? 120_000 : 30_000,
    hookTimeout: long ? 600_000 : 60_000,
    passWithNoTests: false,
    ...(browser && {
      projects: [
        {
          extends: true as const,
          test: { include: ['{src,tests}/**/*.long.test.ts', relative(process.cwd(), here('chromium.test.ts'))] },
        },
        ...(existsSync(CHROMIUM) ? [(await import('./browser.config.ts')).default] : []),
      ],
    }),
    // tfjs advertises its native engine from the CPU one, once a process.
    onConsoleLog: (log) => !log.includes('running TensorFlow.js in Node.js'),
    reporters: ['default', 'json'],
    outputFile: { json: `.reports/${long ? 'long' : 'test'}.json` },
  },
});
