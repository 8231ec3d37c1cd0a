#!/usr/bin/env node
import { useEngine } from '@proj/backend';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { parseArgs } from 'node:util';
import { measure, type Result, type Variant } from './measure.ts';
import { micro } from './workloads/micro.ts';
import { w1 } from './workloads/w1.ts';
import { w6 } from './workloads/w6.ts';

const workloads: Readonly<Record<string, () => AsyncGenerator<Variant>>> = { micro, W1: w1, W6: w6 };
const usage = `usage: bench WORKLOAD... [--engine auto|wasm|cpu|node|node-gpu|webgpu] [--json]\nworkloads: ${Object.keys(workloads).join(', ')}, all`;

function line({ workload, variant, ms, min, runs, rate, rateUnit }: Result): string {
  const scale = rate >= 1e9 ? ([1e9, 'G'] as const) : rate >= 1e6 ? ([1e6, 'M'] as const) : ([1, ''] as const);
  const speed = `${(rate / scale[0]).toPrecision(4)} ${scale[1]}${rateUnit}`;
  return `${workload.padEnd(6)} ${variant.padEnd(22)} ${ms.toFixed(2).padStart(10)} ms  min ${min.toFixed(2).padStart(10)} ms  ${speed}  (${runs} runs)`;
}

function wrong(message: string): void {
  process.stderr.write(`error: ${message}\n${usage}\n`);
  process.exitCode = 2;
}

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { engine: { type: 'string', default: 'auto' }, json: { type: 'boolean', default: false } },
  });
  const known = (name: string) => Object.keys(workloads).find((key) => key.toLowerCase() === name.toLowerCase());
  const asked = positionals.includes('all') ? Object.keys(workloads) : positionals;
  const unknown = asked.find((name) => known(name) === undefined);
  if (asked.length === 0) return wrong('no workload given.');
  if (unknown !== undefined) return wrong(`unknown workload '${unknown}'.`);
  const engine = await useEngine(values.engine as Parameters<typeof useEngine>[0]);
  for (const name of asked) {
    const workload = known(name)!;
    for await (const variant of workloads[workload]!()) {
      const result = await measure(workload, engine.name, variant);
      process.stdout.write(`${values.json ? JSON.stringify(result) : line(result)}\n`);
    }
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS'))
    wrong(error.message);
  else throw error;
}
