import type { Corruption } from '@proj/models';
import { Command, Option } from 'commander';
import { type Split, splits } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import { figure } from '../figure.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { nonNegative } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import { textTable } from '../text-table.ts';
import { metricsLine } from '../training-run.ts';
import { loadRunData } from './run-data.ts';

interface EvalOptions {
  data?: string;
  split: Split;
  perExample?: boolean;
  robustness?: boolean;
  noise?: Corruption['noise'];
  level?: number;
  engine?: string;
  json?: boolean;
}

/** What `--noise` and `--level` ask for; one of them stands for both. @throws UsageError if the level is no probability. */
function corruptionOf({ noise = 'salt-pepper', level = 0.05 }: EvalOptions): Corruption {
  if (noise === 'gaussian' || level <= 1) return { noise, level };
  throw new UsageError(
    `--level of ${noise} noise is a probability, at most 1, got ${level}. Use 0.05 for 5 % of the pixels.`,
  );
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
    .option(
      '--robustness',
      'also accuracy against noise on the codes, as figures and as robustness.png in the run folder',
    )
    .addOption(
      new Option('--noise <kind>', 'also denoisingMse: of images with this noise').choices([
        'salt-pepper',
        'mask',
        'gaussian',
      ]),
    )
    .option('--level <x>', 'of the noise: probability of a hit, or standard deviation (default: 0.05)', nonNegative)
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object a line on stdout')
    .action(async (run: string, options: EvalOptions) => {
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      const asked = options.noise !== undefined || options.level !== undefined;
      if (asked && !task.corrupts) {
        throw new UsageError(
          `--noise and --level are for models of images, ${run} is a ${config.model}. Leave them out.`,
        );
      }
      if (options.robustness && !task.robustness) {
        throw new UsageError(`--robustness is for models of text as bytes, ${run} is a ${config.model}. Leave it out.`);
      }
      const corruption = asked ? corruptionOf(options) : undefined;
      const data = await loadRunData(io, config, options.data);
      const count = task.counts(data)[options.split];
      if (count === 0) throw new UsageError(`${data.name} has no ${options.split} part. Choose another --split.`);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const onExample = options.perExample ? examplePrinter(io, options.json === true) : undefined;
        const metrics = await task.evaluate(session, data, options.split, true, onExample, corruption);
        const robustness = options.robustness ? await task.robustness!(session, data, options.split) : undefined;
        if (robustness) await folder.writeBytes(robustness.picture.file, robustness.picture.bytes);
        const { model } = config;
        if (options.json) {
          const rows = robustness && { robustness: robustness.rows };
          io.print(JSON.stringify({ model, split: options.split, count, metrics, ...rows }));
          return;
        }
        io.print(`${model} on ${count} ${options.split} ${task.noun} of ${data.name}: ${metricsLine(metrics)}`);
        if (!robustness) return;
        for (const line of robustnessTable(robustness.rows)) io.print(line);
        io.print(`wrote ${folder.file(robustness.picture.file)}`);
      } finally {
        session.model.dispose();
      }
    });

function robustnessTable(rows: readonly Readonly<Record<string, number>>[]): string[] {
  const cells = rows.map((row) => Object.values(row).map(figure));
  return textTable([Object.keys(rows[0]!), ...cells]);
}
