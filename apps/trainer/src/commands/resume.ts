import { Command } from 'commander';
import { engineName, startRunEngine } from '../engine.ts';
import { FailureError, UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { positiveInteger } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { train } from '../training-run.ts';

interface ResumeOptions {
  epochs?: number;
  engine?: string;
  json?: boolean;
  quiet?: boolean;
}

export const resume = (io: Io) =>
  new Command('resume')
    .description('Go on with a run from its last checkpoint; the result equals that of an uninterrupted run.')
    .argument('<run>', 'run folder')
    .option('--epochs <n>', 'train until this many epochs in all (default: as configured)', positiveInteger)
    .option('--engine <name>', 'another engine than the run was started with', engineName)
    .option('--json', 'one JSON object a line on stdout')
    .option('--quiet', 'no progress')
    .action(async (run: string, options: ResumeOptions) => {
      const opened = RunFolder.open(run);
      const { folder } = opened;
      const config = { ...opened.config, epochs: options.epochs ?? opened.config.epochs };
      const checkpoint = await folder.load('last');
      const finished = checkpoint?.state.epoch ?? 0;
      if (config.epochs < finished) {
        throw new UsageError(
          `${run} has ${finished} epochs behind it, more than the ${config.epochs} asked for. Choose more with --epochs.`,
        );
      }
      folder.readAssets(config); // what was changed is refused before anything is written
      const { task } = modelSpec(config.model);
      const data = await task.load(io, config.data, config.limit);
      const counts = task.counts(data);
      const { train: trained, validation, test } = config.examples;
      const same = counts.train === trained && counts.validation === validation && counts.test === test;
      if (!same) {
        throw new FailureError(
          `${config.data} now has ${counts.train}/${counts.validation}/${counts.test} ${task.noun}, the run began with ${trained}/${validation}/${test}. Bring the same data back, or start a new run.`,
        );
      }
      const { engine, wasmBuild, version, passedOver } = await startRunEngine(config, options.engine);
      if (!options.quiet) for (const line of passedOver) io.log(line);
      const versions = { ...config.versions, ...(version !== null && { engine: version }) };
      Object.assign(config, { engine, wasmBuild, versions });
      await folder.writeConfig(config);
      const output = { json: options.json === true, quiet: options.quiet === true };
      if (!output.quiet && !output.json) {
        io.log(
          `going on with ${run} at epoch ${finished + 1} of ${config.epochs}, step ${checkpoint?.state.globalStep ?? 0}, engine ${config.engine}`,
        );
      }
      await train(io, folder, config, data, output, checkpoint !== undefined);
    });
