import { readFileSync } from 'node:fs';
import { version_core } from '@tensorflow/tfjs-core';

/** Our own version, from the package.json beside the program. */
export function trainerVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

/** What a run was made with; `engine` is the version of the engine's package, null if that is not known. */
export const versions = (engine: string | null): Record<string, string> => ({
  trainer: trainerVersion(),
  tfjs: version_core,
  ...(engine !== null && { engine }),
  node: process.versions.node,
  v8: process.versions.v8,
});
