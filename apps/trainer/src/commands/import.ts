import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { startingState, type TrainingState } from '@proj/training';
import { Command } from 'commander';
import type { RunConfig } from '../config.ts';
import { engineName, startEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import { foreignModel, type ImportedFile, readExchangeFile, weightsFor } from '../exchange/import-file.ts';
import type { RunInfo } from '../exchange/run-info.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { parseSettings } from '../models/settings.ts';
import { namedRunFolder, RunFolder } from '../run-folder.ts';
import { createSession, restore } from '../session.ts';
import { versions } from '../versions.ts';

interface ImportOptions {
  out: string;
  like?: string;
  engine: string;
  json?: boolean;
}

export const importCommand = (io: Io) =>
  new Command('import')
    .description(
      'Make a run folder of a file of weights: one that export wrote, also after Keras trained it on, or one of tokun.',
    )
    .argument('<file>', '.keras, .h5 or .safetensors')
    .requiredOption('--out <run>', 'run folder to make, new or empty')
    .option('--like <run>', 'a run of the same model, where the file does not say what it is of (Keras saved it)')
    .option('--engine <name>', 'of the run (default: wasm)', engineName, 'wasm')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, options: ImportOptions) => {
      const name = basename(path);
      const file = readExchangeFile(readBytes(path), name);
      const { engine, wasmBuild, version } = await startEngine(options.engine);
      const { info, tensors } = await runOf(file, options.like, name);
      const config: RunConfig = {
        ...info.config,
        engine,
        wasmBuild,
        notes: [...info.config.notes, `weights imported from ${name}`],
        versions: versions(version),
      };
      const session = createSession(config, info.assets);
      try {
        restore(session, new RunFolder(name), { tensors, state: finished(config) });
        config.params = session.model.countParams();
      } finally {
        session.model.dispose();
      }
      const folder = new RunFolder(namedRunFolder(options.out));
      config.assets = await folder.writeAssets(info.assets);
      await folder.writeConfig(config);
      for (const checkpoint of ['best', 'last'] as const) {
        await folder.save(checkpoint, { tensors, state: finished(config) });
      }
      const { model, params } = config;
      if (options.json) io.print(JSON.stringify({ run: options.out, model, params }));
      else io.print(`made the run ${options.out}: ${model}, ${params.toLocaleString('en')} parameters`);
    });

function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

/** The run that a file is of, and its weights by their names. @throws UsageError if nothing says which. */
async function runOf(file: ImportedFile, like: string | undefined, name: string) {
  const foreign = like === undefined && file.info === undefined ? foreignModel(file) : undefined;
  if (foreign !== undefined) {
    const { model, foreign: found } = foreign;
    const tensors = Object.fromEntries(
      Object.entries(found.weights).map(([key, { shape, data }]) => [
        key,
        { shape, data: Float32Array.from(data as Float32Array) },
      ]),
    );
    return { info: { config: freshConfig(model, found.set), assets: {} }, tensors };
  }
  const info = like === undefined ? file.info : runInfo(like);
  if (info === undefined) {
    throw new UsageError(`${name} does not say which run it is of. Name one of the same model with --like RUN.`);
  }
  return { info, tensors: await weightsFor(file, info, name) };
}

function runInfo(run: string): RunInfo {
  const { folder, config } = RunFolder.open(run);
  return { config, assets: folder.readAssets(config) };
}

/** The usual options of a model. */
function freshConfig(model: string, set: Record<string, string | number | boolean>): RunConfig {
  const spec = modelSpec(model);
  const settings = parseSettings(spec, set);
  return {
    format: 2,
    model,
    set: settings,
    ...spec.defaults,
    limit: null,
    seed: 0,
    schedule: 'constant',
    warmUp: 0,
    patience: null,
    clipNorm: null,
    engine: 'wasm',
    wasmBuild: null,
    shape: spec.task.usualShape,
    assets: {},
    examples: { train: 0, validation: 0, test: 0 },
    source: 'weights of another program',
    notes: [...spec.notes(settings)],
    params: 0,
    versions: {},
  };
}

/** As if all epochs were behind it: nothing of how it was trained is known. */
const finished = ({ seed, batch: batchSize, examples, epochs: epoch }: RunConfig): TrainingState => ({
  ...startingState({ seed, batchSize, examples: examples.train }),
  epoch,
});
