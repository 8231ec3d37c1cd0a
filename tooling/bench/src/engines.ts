import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EngineName } from '@proj/backend';
import { parseResults, type Result } from './measure.ts';

/** An engine to measure, as `--engine` spells it: `wasm`, `node`, or `node:1` for TensorFlow on one thread. */
export interface Contender {
  readonly label: string;
  readonly engine: EngineName;
  /** Of TensorFlow; undefined: one a core. */
  readonly threads: number | undefined;
}

/** TensorFlow reads it when it starts; what it computes in one operation it shares out among so many threads. */
export const threadSettings = ({ threads }: Contender): Record<string, string> =>
  threads === undefined ? {} : { TF_NUM_INTRAOP_THREADS: String(threads) };

/** Starts this program with other arguments and gives what it printed. Its complaints go to our stderr. */
export type RunSelf = (args: readonly string[]) => Promise<{ status: number; text: string }>;

export const runSelf: RunSelf = async (args) => {
  const main = process.argv[1]!;
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? 1, text };
};

/** A workload on one engine in a process of its own, so that engines do not warm or crowd each other. */
export async function runContender(
  runner: RunSelf,
  workload: string,
  contender: Contender,
  { build, wideVectors }: { build: string | undefined; wideVectors: boolean | 'auto' },
): Promise<{ status: number; results: Result[] }> {
  const args = [workload, '--engine', contender.label, '--json'];
  if (build !== undefined) args.push('--build', build);
  if (wideVectors !== 'auto') args.push(wideVectors ? '--wide-vectors' : '--narrow-vectors');
  const { status, text } = await runner(args);
  return { status, results: parseResults(text) };
}
