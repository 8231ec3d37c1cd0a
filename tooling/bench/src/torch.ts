import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseResults, type Result } from './measure.ts';

const twins = fileURLToPath(new URL('../torch/torch_twins.py', import.meta.url)); // from src and from dist

/** glibc gives every large buffer back to the system and faults it in again; told to keep it, PyTorch is sometimes faster. */
const memorySettings: readonly Record<string, string>[] = [
  {},
  { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '17179869184' },
];

/** Any folder called torch can be imported: ask for something of the real one. */
const probe = 'import numpy, torch; torch.set_num_threads';

/** An interpreter that has torch: PYTHON, else the first python3. */
export function findPython(env = process.env): { python: string } | { missing: string } {
  const candidates = env.PYTHON ? [env.PYTHON] : ['python3', '/usr/bin/python3'];
  const python = candidates.find((name) => spawnSync(name, ['-c', probe], { stdio: 'ignore' }).status === 0);
  if (python !== undefined) return { python };
  const fix =
    'Install PyTorch (Debian: python3-torch libopenblas0-pthread), or set PYTHON to an interpreter that has it';
  return { missing: `no PyTorch: 'import torch' fails in ${candidates.join(' and ')}. ${fix}.` };
}

/** The workload in PyTorch, one thread: of each variant the run with the lower minimum over the memory settings. */
export async function runTwin(python: string, workload: string): Promise<Result[]> {
  const runs: Result[][] = [];
  for (const settings of memorySettings) runs.push(await runOnce(python, workload, settings));
  return better(runs.flat());
}

async function runOnce(python: string, workload: string, settings: Record<string, string>): Promise<Result[]> {
  const env = { ...process.env, ...settings, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
  const child = spawn(python, [twins, workload], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (status !== 0) throw new Error(`${python} ${twins} ${workload}: exit status ${status}.`);
  return parseResults(text);
}

/** One result a variant, in the order of first appearance: that with the lower minimum. */
export function better(results: readonly Result[]): Result[] {
  const best = new Map<string, Result>();
  for (const result of results) {
    const other = best.get(result.variant);
    if (other === undefined || result.min < other.min) best.set(result.variant, result);
  }
  return [...best.values()];
}

/** One engine of ours beside the twin: milliseconds at best, and how many times as long ours takes. */
export interface Comparison {
  readonly workload: string;
  readonly variant: string;
  readonly engine: string;
  readonly ours: number;
  readonly torch: number;
  readonly ratio: number;
}

/** Minima of the variants that both have. */
export function compare(ours: readonly Result[], torch: readonly Result[]): Comparison[] {
  return ours.flatMap(({ workload, variant, engine, min }) => {
    const twin = torch.find((result) => result.variant === variant);
    return twin === undefined ? [] : [{ workload, variant, engine, ours: min, torch: twin.min, ratio: min / twin.min }];
  });
}
