import { existsSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `vitest run --config ../../tooling/vitest/vitest.config.ts` in a package; PROJ_SUITE=long takes the *.long.test.ts files instead.
const long = process.env.PROJ_SUITE === 'long';

// A package's README is held to its example by one test that all of them share.
const readmeTest = relative(process.cwd(), fileURLToPath(new URL('readme.test.ts', import.meta.url)));
const shared = existsSync('examples/readme.ts') ? [readmeTest] : [];

export default defineConfig({
  root: process.cwd(),
  // Our own packages are read from their sources: no build first.
  resolve: { conditions: ['@proj/source', 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: ['@proj/source', 'node', 'development|production'] } },
  test: {
    name: basename(process.cwd()),
    include: long ? ['{src,tests}/**/*.long.test.ts'] : ['{src,tests}/**/*.test.ts', ...shared],
    exclude: long ? [] : ['**/*.long.test.ts'],
    environment: 'node',
    pool: 'forks', // tfjs keeps its engine in a global: one process a file
    maxWorkers: 1, // turbo runs packages side by side; the machine has two cores
    testTimeout: long ? 600_000 : 30_000,
    hookTimeout: long ? 600_000 : 60_000,
    passWithNoTests: false,
    // tfjs advertises its native engine from the CPU one, once a process.
    onConsoleLog: (log) => !log.includes('running TensorFlow.js in Node.js'),
    reporters: ['default', 'json'],
    outputFile: { json: `.reports/${long ? 'long' : 'test'}.json` },
  },
});
