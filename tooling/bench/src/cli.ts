import { EngineError, useEngine } from '@proj/backend';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { type RunSelf, runContender, runSelf, threadSettings } from './engines.ts';
import { measure, type Result } from './measure.ts';
import { type Options, parseOptions, UsageError, usage } from './options.ts';
import { profile } from './profile.ts';
import { profileLines, resultLine, tableLines } from './report.ts';
import { compare, findPython, runTwin } from './torch.ts';
import { type Workload, workloads } from './workloads/index.ts';

/** Where lines go: results, and everything else. */
export interface Output {
  print(line: string): void;
  complain(line: string): void;
}

/**
 * Runs one command line and returns its exit status: 0, 1 for an engine that does not run here, 2 for the user's mistake.
 * Of several engines each runs in a process of its own, by `runner`.
 */
export async function run(
  output: Output,
  argv: readonly string[],
  table = workloads,
  runner: RunSelf = runSelf,
): Promise<number> {
  const known = Object.keys(table);
  try {
    const options = parseOptions(argv, known);
    if (options.profile && options.workloads.includes('micro')) {
      throw new UsageError('--profile is for training steps; micro has none.');
    }
    return await runAll(output, options, table, runner);
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

async function runAll(output: Output, options: Options, table: Table, runner: RunSelf): Promise<number> {
  const { print, complain } = output;
  const { json, engines, vsTorch } = options;
  const [only] = engines.length === 1 ? engines : [];
  const engine = only === undefined ? undefined : await startEngine(print, options);
  const found = vsTorch ? findPython() : undefined;
  if (found !== undefined && 'missing' in found) complain(`${found.missing} Measuring ours alone.`);
  const show = (result: Result) => print(json ? JSON.stringify(result) : resultLine(result));
  const results: Result[] = [];
  let status = 0;
  for (const name of options.workloads) {
    if (options.profile) {
      await profileStep(print, name, table[name]!, options);
      continue;
    }
    const ours: Result[] = [];
    if (engine !== undefined) {
      for await (const variant of table[name]!()) {
        ours.push(await measure(name, engine, variant));
        show(ours.at(-1)!);
      }
    } else {
      for (const contender of engines) {
        const { status: ended, results: own } = await runContender(runner, name, contender, options);
        if (ended !== 0) status = 1; // it said why
        own.forEach(show);
        ours.push(...own);
      }
    }
    const torch = found !== undefined && 'python' in found ? await runTwin(found.python, name) : [];
    torch.forEach(show);
    if (json) for (const pair of compare(ours, torch)) print(JSON.stringify(pair));
    results.push(...ours, ...torch);
  }
  if (!json && (vsTorch || engine === undefined)) ['', ...tableLines(results)].forEach(print);
  return status;
}

/** Starts the one engine in this process and returns its name. */
async function startEngine(print: Output['print'], { engines, build, wideVectors, json }: Options): Promise<string> {
  const [contender] = engines;
  Object.assign(process.env, threadSettings(contender!));
  const started = await useEngine(contender!.engine, {
    wideVectors,
    ...(build === undefined ? {} : { wasmBuild: build }),
  });
  const { name, reason, wideVectors: wide } = started;
  if (!json) print(`engine ${name} (${reason}${wide ? ', vectors paired' : ''}); Node ${process.versions.node}`);
  return contender!.threads === undefined ? name : contender!.label;
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
