import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  exports?: Record<string, string | { '@proj/source'?: string }>;
  bin?: Record<string, string>;
}

// Entries are what package.json exports: dist/NAME.js from the `@proj/source` file of the same name.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const sources = Object.values(manifest.exports ?? {}).flatMap((target) =>
  typeof target === 'object' && target['@proj/source'] ? [target['@proj/source']] : [],
);
const isProgram = manifest.bin !== undefined;
const entry = [...sources, ...(isProgram ? ['./src/main.ts'] : [])];

/** One build for every package: ESM and CJS with types for a library, ESM alone for a program. */
export default defineConfig({
  entry,
  format: isProgram ? ['esm'] : ['esm', 'cjs'],
  target: 'es2022',
  // Types are checked against the built packages, as a user's compiler would see them.
  dts: isProgram ? false : { compilerOptions: { customConditions: [], composite: false } },
  sourcemap: true,
  clean: true,
  treeshake: true,
  splitting: true,
});
