import { parseRunConfig, type RunConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Assets } from '../tasks/task.ts';

/** What a file of weights says of the run that they are from, so that `import` makes the same run of it. */
export interface RunInfo {
  readonly config: RunConfig;
  readonly assets: Assets;
}

/** Key of a file's metadata under which that stands, as JSON. */
export const RUN_INFO = 'proj_run';

const MAX_ASSETS = 16;
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const runInfoText = (info: RunInfo): string => JSON.stringify(info);

/** @throws UsageError unless it is such a text, whose files would lie in the run folder and nowhere else. */
export function parseRunInfo(text: string, file: string): RunInfo {
  const fault = (what: string) => new UsageError(`${file}: what it says of its run ${what}. Export the run again.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fault(`is not JSON (${(error as Error).message})`);
  }
  const { config, assets } = (value ?? {}) as { config?: unknown; assets?: unknown };
  if (typeof assets !== 'object' || assets === null) throw fault('lacks its files');
  const entries = Object.entries(assets);
  const plain = ([name, content]: [string, unknown]) =>
    PLAIN_NAME.test(name) && name !== 'config.json' && typeof content === 'string';
  if (entries.length > MAX_ASSETS || !entries.every(plain)) throw fault('names files that no run has');
  return { config: parseRunConfig(config, file), assets: Object.fromEntries(entries) as Assets };
}
