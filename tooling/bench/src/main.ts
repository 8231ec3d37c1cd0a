#!/usr/bin/env node
import { EngineError, useEngine } from '@proj/backend';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { measure, type Result } from './measure.ts';
import { type Options, parseOptions, UsageError, usage } from './options.ts';
import { profile } from './profile.ts';
import { comparisonLine, profileLines, resultLine } from './report.ts';
import { compare, findPython, runTwin } from './torch.ts';
import { workloads } from './workloads/index.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);

/** Measures every variant, and prints each when it is done. */
async function measureAll(workload: string, engine: string, json: boolean): Promise<Result[]> {
  const results: Result[] = [];
  for await (const variant of workloads[workload]!()) {
    const result = await measure(workload, engine, variant);
    print(json ? JSON.stringify(result) : resultLine(result));
    results.push(result);
  }
  return results;
}

async function compareWithTorch(python: string, workload: string, engine: string, json: boolean): Promise<void> {
  const ours = await measureAll(workload, engine, json);
  const torch = await runTwin(python, workload);
  for (const result of torch) print(json ? JSON.stringify(result) : resultLine(result));
  for (const pair of compare(ours, torch)) print(json ? JSON.stringify(pair) : comparisonLine(pair));
}

/** The first variant of a workload, which is one step. */
async function profileStep(workload: string, { steps, json }: Options): Promise<void> {
  for await (const variant of workloads[workload]!()) {
    const found = await profile(variant, steps);
    variant.dispose?.();
    const { kernels, ms } = found;
    const title = `${workload} ${variant.name}, mean of ${steps}`;
    const whole = { workload, variant: variant.name, steps, ms, kernels };
    for (const line of json ? [JSON.stringify(whole)] : profileLines(title, found)) print(line);
    return;
  }
}

async function main(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv, Object.keys(workloads));
  const { json } = options;
  if (options.profile && options.workloads.includes('micro')) {
    throw new UsageError('--profile is for training steps; micro has none.');
  }
  const status = await useEngine(options.engine, options.build === undefined ? {} : { wasmBuild: options.build });
  if (!json) print(`engine ${status.name} (${status.reason}); Node ${process.versions.node}`);
  const found = options.vsTorch ? findPython() : undefined;
  if (found !== undefined && 'missing' in found) complain(`${found.missing} Measuring ours alone.`);
  for (const workload of options.workloads) {
    if (options.profile) await profileStep(workload, options);
    else if (found !== undefined && 'python' in found)
      await compareWithTorch(found.python, workload, status.name, json);
    else await measureAll(workload, status.name, json);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    complain(`error: ${error.message}\n${usage(Object.keys(workloads))}`);
    process.exitCode = 2;
  } else if (error instanceof EngineError) {
    complain(`error: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
