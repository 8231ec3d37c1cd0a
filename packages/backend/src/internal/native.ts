import { builtin, nodeRequire } from './node.ts';

/** Functions of `node:util` that tfjs-node 4.22 calls and Node 23 took away. */
const REMOVED: Record<string, (value: unknown) => boolean> = {
  isArray: Array.isArray,
  isBoolean: (value) => typeof value === 'boolean',
  isDate: (value) => value instanceof Date,
  isError: (value) => value instanceof Error,
  isFunction: (value) => typeof value === 'function',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isObject: (value) => value !== null && typeof value === 'object',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
  isRegExp: (value) => value instanceof RegExp,
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
};

/** Gives `node:util` back what Node 23 took away. Does nothing on a Node that has it all. */
export function restoreUtil(): void {
  const util = builtin<Record<string, unknown>>('node:util');
  for (const [name, f] of Object.entries(REMOVED)) util[name] ??= f;
}

/** Why the installed addon does not load, or null; tried in a process of its own, since loading one changes the engine. */
export async function probeNative(packageName: string): Promise<string | null> {
  const { execFile } = builtin<typeof import('node:child_process')>('node:child_process');
  const shim = Object.entries(REMOVED).map(
    ([name, f]) => `util.${name} ??= ${f === Array.isArray ? 'Array.isArray' : f};`,
  );
  const script = `const util = require('node:util'); ${shim.join(' ')} require(process.argv[1]);`;
  let path: string;
  try {
    path = nodeRequire().resolve(packageName);
  } catch (error) {
    return addonFailure(packageName, error);
  }
  return new Promise((resolve) => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
    execFile(process.execPath, ['-e', script, path], { env, timeout: 60_000 }, (error, _out, err) => {
      const line = err.split('\n').find((text) => /^\w*Error\b/.test(text));
      resolve(error === null ? null : addonFailure(packageName, line ?? error));
    });
  });
}

/** One line on an addon that is installed and does not load: the first line of its error and the remedy. */
export function addonFailure(packageName: string, error: unknown): string {
  const first = String(error instanceof Error ? error.message : error)
    .split('\n')[0]!
    .replace(/^Error: /, '')
    .trim();
  return `addon failed to load (${first}): npm rebuild ${packageName} --build-addon-from-source`;
}
