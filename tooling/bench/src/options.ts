import { parseArgs } from 'node:util';
import type { WasmBuild } from '@proj/backend';
import type { Contender } from './engines.ts';

/** The user's mistake: one line. */
export class UsageError extends Error {}

export interface Options {
  /** Names as they stand in the table of workloads. */
  readonly workloads: readonly string[];
  /** One at least. More than one run in processes of their own. */
  readonly engines: readonly Contender[];
  readonly build: WasmBuild | undefined;
  /** Of WASM: asked for, refused, or as `trainer` has them, on where they are known to work. */
  readonly wideVectors: boolean | 'auto';
  readonly json: boolean;
  readonly vsTorch: boolean;
  readonly profile: boolean;
  /** Steps that `profile` counts. */
  readonly steps: number;
}

const engines = ['auto', 'wasm', 'cpu', 'node', 'node-gpu', 'webgpu'] as const;
const builds = ['plain', 'fused'] as const;
const DEFAULT_STEPS = 20;

export const usage = (known: readonly string[]): string =>
  [
    `usage: bench WORKLOAD... [--engine ${engines.join('|')}|node:THREADS[,...]] [--build ${builds.join('|')}] [--json]`,
    `             [--wide-vectors | --narrow-vectors] [--vs-torch | --profile [--steps N]]`,
    `workloads: ${known.join(', ')}, all (--vs-torch alone: all)`,
  ].join('\n');

/** @throws UsageError */
export function parseOptions(argv: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  const { json, profile } = values;
  const vsTorch = values['vs-torch'];
  if (vsTorch && profile) throw new UsageError('--vs-torch and --profile exclude each other.');
  const asked = positionals.length === 0 && vsTorch ? ['all'] : positionals;
  if (asked.length === 0) throw new UsageError('no workload given.');
  const contenders = [...new Set(values.engine.split(','))].map(contender);
  const names = contenders.map(({ engine }) => engine);
  const other = names.find((name) => name !== 'auto' && name !== 'wasm');
  const build = values.build === undefined ? undefined : oneOf('--build', values.build, builds);
  if (build !== undefined && other !== undefined) {
    throw new UsageError(`--build is of the engine wasm, not of '${other}'.`);
  }
  const wide = values['wide-vectors'];
  const narrow = values['narrow-vectors'];
  if (wide && narrow) throw new UsageError('--wide-vectors and --narrow-vectors exclude each other.');
  const wideVectors = wide || (narrow ? false : 'auto');
  if (wide && other !== undefined) throw new UsageError(`--wide-vectors is of the engine wasm, not of '${other}'.`);
  if (profile && contenders.length > 1) throw new UsageError('--profile is of one engine.');
  if (values.steps !== undefined && !profile) throw new UsageError('--steps goes with --profile.');
  const steps = Number(values.steps ?? DEFAULT_STEPS);
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new UsageError(`--steps must be a positive whole number, got '${values.steps}'.`);
  }
  const workloads = [...new Set(asked.flatMap((name) => find(name, known)))];
  const plain = build === undefined && !wide;
  const chosen = plain ? contenders : [contender('wasm')]; // not another where this build does not run
  return { workloads, engines: chosen, build, wideVectors, json, vsTorch, profile, steps };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        engine: { type: 'string', default: 'auto' },
        build: { type: 'string' },
        'wide-vectors': { type: 'boolean', default: false },
        'narrow-vectors': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'vs-torch': { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        steps: { type: 'string' },
      },
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError(message.split('\n')[0]);
  }
}

/** `NAME` or `node:THREADS`. */
function contender(label: string): Contender {
  const [, name = label, digits] = /^(node):([1-9]\d*)$/.exec(label) ?? [];
  return {
    label,
    engine: oneOf('--engine', name, engines),
    threads: digits === undefined ? undefined : Number(digits),
  };
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((name) => name === value);
  if (found === undefined) throw new UsageError(`${option} must be one of ${known.join(', ')}, got '${value}'.`);
  return found;
}

function find(name: string, known: readonly string[]): readonly string[] {
  const lower = name.toLowerCase();
  if (lower === 'all') return known;
  const found = known.find((workload) => workload.toLowerCase() === lower);
  if (found === undefined) throw new UsageError(`unknown workload '${name}'.`);
  return [found];
}
