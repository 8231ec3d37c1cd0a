import { EngineError, useEngine } from '@proj/backend';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { measure, type Result } from './measure.ts';
import { type Options, parseOptions, UsageError, usage } from './options.ts';
import { profile } from './profile.ts';
import { comparisonLine, profileLines, resultLine } from './report.ts';
import { compare, findPython, runTwin } from './torch.ts';
import { type Workload, workloads } from './workloads/index.ts';

/** Where lines go: results, and everything else. */
export interface Output {
  print(line: string): void;
  complain(line: string): void;
}

/** Runs one command line and returns its exit status: 0, 1 for an engine that does not run here, 2 for the user's mistake. */
export async function run(output: Output, argv: readonly string[], table = workloads): Promise<number> {
  const known = Object.keys(table);
  try {
    const options = parseOptions(argv, known);
    if (options.profile && options.workloads.includes('micro')) {
      throw new UsageError('--profile is for training steps; micro has none.');
    }
    await runAll(output, options, table);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      output.complain(`error: ${error.message}\n${usage(known)}`);
      return 2;
    }
    if (!(error instanceof EngineError)) throw error;
    output.complain(`error: ${error.message}`);
    return 1;
  }
}

type Table = Readonly<Record<string, Workload>>;

async function runAll({ print, complain }: Output, options: Options, table: Table): Promise<void> {
  const { json, build, wideVectors } = options;
  const {
    name: engine,
    reason,
    wideVectors: wide,
  } = await useEngine(options.engine, {
    wideVectors,
    ...(build === undefined ? {} : { wasmBuild: build }),
  });
  if (!json) print(`engine ${engine} (${reason}${wide ? ', vectors paired' : ''}); Node ${process.versions.node}`);
  const found = options.vsTorch ? findPython() : undefined;
  if (found !== undefined && 'missing' in found) complain(`${found.missing} Measuring ours alone.`);
  const show = (result: Result) => print(json ? JSON.stringify(result) : resultLine(result));
  for (const name of options.workloads) {
    if (options.profile) {
      await profileStep(print, name, table[name]!, options);
      continue;
    }
    const ours: Result[] = [];
    for await (const variant of table[name]!()) {
      ours.push(await measure(name, engine, variant));
      show(ours.at(-1)!);
    }
    if (found === undefined || 'missing' in found) continue;
    const torch = await runTwin(found.python, name);
    torch.forEach(show);
    for (const pair of compare(ours, torch)) print(json ? JSON.stringify(pair) : comparisonLine(pair));
  }
}

/** The first variant of a workload, which is one step. */
async function profileStep(print: Output['print'], name: string, workload: Workload, options: Options): Promise<void> {
  const { steps, json } = options;
  for await (const variant of workload()) {
    const found = await profile(variant, steps);
    variant.dispose?.();
    const whole = { workload: name, variant: variant.name, steps, ...found };
    const lines = json ? [JSON.stringify(whole)] : profileLines(`${name} ${variant.name}, mean of ${steps}`, found);
    lines.forEach(print);
    return;
  }
}
