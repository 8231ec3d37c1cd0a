import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type ConfigFile, type RunConfig, readConfigFile, schedules } from '../config.ts';
import { engineName, startEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { learningRateLine } from '../learning-rate.ts';
import { modelSpec } from '../models/index.ts';
import { parseSettings } from '../models/settings.ts';
import { keyValue, natural, positive, positiveInteger } from '../options.ts';
import { freshRunFolder, namedRunFolder, RunFolder } from '../run-folder.ts';
import { createSession } from '../session.ts';
import { train as trainRun } from '../training-run.ts';
import { versions } from '../versions.ts';

interface TrainOptions {
  data?: string;
  set?: Record<string, string>;
  config?: string;
  epochs?: number;
  limit?: number;
  batch?: number;
  learningRate?: number;
  schedule?: RunConfig['schedule'];
  warmUp?: number;
  patience?: number;
  clipNorm?: number;
  engine?: string;
  seed?: number;
  out?: string;
  json?: boolean;
  quiet?: boolean;
  dryRun?: boolean;
}

/** Every option of `train`, for `start` too. */
export const trainOptions = (command: Command): Command =>
  command
    .option('--data <name|path>', 'data set or path (trainer data list)')
    .option('--set <key=value>', 'a setting of the model (trainer describe MODEL); repeatable', keyValue)
    .option('--config <file>', 'JSON file with any of these options; those given here win')
    .option('--epochs <n>', 'passes over the training part', positiveInteger)
    .option('--limit <n>', 'use only the first n examples of each part', positiveInteger)
    .option('--batch <n>', 'examples a step', positiveInteger)
    .option('--learning-rate <x>', 'of Adam', positive)
    .addOption(
      new Option('--schedule <name>', 'of the learning rate: constant, or cosine, to 0 at the last step').choices(
        schedules,
      ),
    )
    .option('--warm-up <steps>', 'steps over which the learning rate rises from 0', natural)
    .option('--patience <n>', 'stop after n epochs without a better validation metric', positiveInteger)
    .option('--clip-norm <x>', 'clip the gradient to this global norm', positive)
    .option('--engine <name>', 'auto, wasm, cpu, node, node-gpu or webgpu', engineName)
    .option('--seed <n>', 'same seed, same run', natural)
    .option('--out <dir>', 'run folder, new or empty (default: runs/MODEL-DATA-N)')
    .option('--json', 'one JSON object a line on stdout')
    .option('--quiet', 'no progress')
    .option('--dry-run', 'check everything, print the configuration, train nothing');

export const train = (io: Io) =>
  trainOptions(new Command('train'))
    .description('Train a model; leaves a run folder with checkpoints, pictures and report.html.')
    .argument('[model]', 'model name (trainer models); may come from --config')
    .action((model: string | undefined, options: TrainOptions) => runTrain(io, model, options));

/** `train` with parsed options. */
export async function runTrain(io: Io, modelName: string | undefined, options: TrainOptions): Promise<void> {
  const file: ConfigFile = options.config === undefined ? {} : readConfigFile(options.config);
  const name = modelName ?? file.model;
  if (name === undefined) throw new UsageError('train needs a model: trainer train MODEL. See: trainer models');
  const spec = modelSpec(name);
  const set = parseSettings(spec, {
    ...(file.model === undefined || file.model === name ? file.set : {}),
    ...options.set,
  });
  const dataName = options.data ?? file.data ?? spec.defaults.data;
  const limit = options.limit ?? file.limit ?? null;
  const { task } = spec;
  const data = await task.load(io, dataName, limit);
  const examples = task.counts(data);
  if (Object.values(examples).includes(0)) {
    const { train: trained, validation, test } = examples;
    throw new UsageError(
      `${data.name}: expected one of the ${task.noun} or more in each part, got ${trained} train, ${validation} validation, ${test} test. Give more of them.`,
    );
  }
  const { engine, wasmBuild, version, passedOver } = await startEngine(options.engine ?? file.engine ?? 'auto');
  if (!options.quiet) for (const line of passedOver) io.log(line);

  const shape = task.shapeOf(data);
  const seed = options.seed ?? file.seed ?? 0;
  const assets = task.assets?.(data, set) ?? {};
  const preview = createSession({ model: name, set, shape, seed }, assets);
  const params = preview.model.countParams();
  try {
    task.dataset(data, preview); // what the model cannot take is refused before anything is written
  } finally {
    preview.model.dispose();
  }
  const config: RunConfig = {
    format: 2,
    model: name,
    set,
    data: data.name === dataName ? dataName : absolute(dataName),
    epochs: options.epochs ?? file.epochs ?? spec.defaults.epochs,
    limit,
    batch: options.batch ?? file.batch ?? spec.defaults.batch,
    seed,
    learningRate: options.learningRate ?? file.learningRate ?? spec.defaults.learningRate,
    schedule: options.schedule ?? file.schedule ?? 'constant',
    warmUp: options.warmUp ?? file.warmUp ?? 0,
    patience: options.patience ?? file.patience ?? null,
    clipNorm: options.clipNorm ?? file.clipNorm ?? null,
    engine,
    wasmBuild,
    shape,
    assets: {},
    examples,
    source: data.source,
    notes: [...spec.notes(set)],
    params,
    versions: versions(version),
  };
  const output = { json: options.json === true, quiet: options.quiet === true };
  if (options.dryRun) {
    io.print(output.json ? JSON.stringify({ event: 'dry-run', config }) : JSON.stringify(config, null, 2));
    return;
  }
  const label = basename(resolve(dataName));
  const folder = new RunFolder(options.out === undefined ? freshRunFolder(name, label) : namedRunFolder(options.out));
  config.assets = await folder.writeAssets(assets);
  await folder.writeConfig(config);
  if (!output.quiet && !output.json) {
    io.log(
      `${name} ${Object.entries(set)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}  (${params.toLocaleString('en')} parameters)`,
    );
    io.log(
      `data ${config.source}; ${config.examples.train} train, ${config.examples.validation} validation, ${config.examples.test} test`,
    );
    const steps = spec.fit ? '' : `batch ${config.batch}, ${learningRateLine(config)}, `;
    io.log(`${steps}seed ${seed}, engine ${engine}; run folder ${folder.path}`);
    for (const note of config.notes) io.log(note);
  }
  await trainRun(io, folder, config, data, output, false);
}

/** Paths that are there, one or several with commas between them, as absolute ones; names as they are. */
function absolute(data: string): string {
  const places = existsSync(data) ? [data] : data.split(',');
  return places.map((place) => (existsSync(place) ? resolve(place) : place)).join(',');
}
