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

/** Gives `node:util` back what Node 23 took away; what is left of it warns when it is called, from Node 22 on, and is replaced. */
export function restoreUtil(node: string = process.versions.node): void {
  const util = builtin<Record<string, unknown>>('node:util');
  const warns = Number.parseInt(node, 10) >= 22;
  for (const [name, f] of Object.entries(REMOVED)) if (warns || util[name] === undefined) util[name] = f;
}

/** What of TensorFlow's engine in tfjs is looked at. */
export interface NativeBackend {
  /** Whether tfjs-node-gpu registered it. */
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Sets what TensorFlow reads once, as it is loaded, unless the user has set it. */
export function setEnvironment(env: Record<string, string | undefined>): void {
  env.TF_CPP_MIN_LOG_LEVEL ??= '3'; // else its notes, warnings and errors go to stderr, the last beside the exception thrown
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'; // else one process takes nearly all of a card's memory
}

/** What an addon is found to be in a process of its own. */
export interface Probe {
  /** The version of TensorFlow. */
  readonly tensorflow: string;
  readonly gpu: boolean;
}

/** Loads an installed addon in a process of its own: what it says of itself, or its error. */
export async function probeNative(packageName: string): Promise<Probe | Error> {
  const { execFile } = builtin<typeof import('node:child_process')>('node:child_process');
  const shim = Object.entries(REMOVED).map(
    ([name, f]) => `util.${name} ??= ${f === Array.isArray ? 'Array.isArray' : f};`,
  );
  const script = `const util = require('node:util'); ${shim.join(' ')}
    const { binding, isUsingGpuDevice: gpu } = require(process.argv[1]).backend();
    console.log(JSON.stringify({ tensorflow: binding.TF_Version, gpu }));`;
  const path = nodeRequire().resolve(packageName);
  return new Promise((resolve) => {
    const env = { ...process.env };
    setEnvironment(env);
    execFile(process.execPath, ['-e', script, path], { env, timeout: 60_000 }, (error, out, err) => {
      const said = out.trim().split('\n').at(-1)!;
      if (error === null && said.startsWith('{')) return resolve(JSON.parse(said) as Probe);
      const line = err.split('\n').findIndex((text) => /^\w*Error\b/.test(text));
      const signal = error?.signal ?? error?.code ?? 'it said nothing';
      const text =
        line < 0
          ? `its process ended: ${signal}`
          : err
              .split('\n')
              .slice(line, line + 4)
              .join('\n');
      resolve(new Error(text));
    });
  });
}
