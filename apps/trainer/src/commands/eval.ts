import { Command, Option } from 'commander';
import { loadRunData, type Split, splits } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import { metricsLine } from '../training-run.ts';

interface EvalOptions {
  data?: string;
  split: Split;
  perExample?: boolean;
  engine?: string;
  json?: boolean;
}

/** A JSON object or a row of a tab-separated table for each example. */
function examplePrinter(io: Io, json: boolean) {
  return (index: number, metrics: Record<string, number>): void => {
    if (json) {
      io.print(JSON.stringify({ index, metrics }));
      return;
    }
    if (index === 0) io.print(['index', ...Object.keys(metrics)].join('\t'));
    io.print([index, ...Object.values(metrics)].join('\t'));
  };
}

export const evaluate = (io: Io) =>
  new Command('eval')
    .description('Measure a trained model (its best weights) on one part of a data set.')
    .argument('<run>', 'run folder')
    .option('--data <name|path>', 'other data than the run was trained on')
    .addOption(new Option('--split <part>', 'part of the data').choices([...splits]).default('test'))
    .option('--per-example', 'the metrics of every example too, a line each')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object a line on stdout')
    .action(async (run: string, options: EvalOptions) => {
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      const data = await loadRunData(io, config, options.data);
      const count = task.counts(data)[options.split];
      if (count === 0) throw new UsageError(`${data.name} has no ${options.split} part. Choose another --split.`);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const onExample = options.perExample ? examplePrinter(io, options.json === true) : undefined;
        const metrics = await task.evaluate(session, data, options.split, true, onExample);
        if (options.json) io.print(JSON.stringify({ model: config.model, split: options.split, count, metrics }));
        else
          io.print(
            `${config.model} on ${count} ${options.split} ${task.noun} of ${data.name}: ${metricsLine(metrics)}`,
          );
      } finally {
        session.model.dispose();
      }
    });
