import { Command, Option } from 'commander';
import { type Split, splits } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { positiveInteger } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import { deliver } from './product.ts';
import { loadRunData } from './run-data.ts';

interface ReconstructOptions {
  data?: string;
  split: Split;
  count: number;
  out?: string;
  engine?: string;
  json?: boolean;
}

export const reconstruct = (io: Io) =>
  new Command('reconstruct')
    .description(
      'Encode and decode examples: images above their reconstructions, or their lower halves drawn anew by a model without codes; of a graph, the pairs of a part most probable first, and which are edges; texts beside what a model makes of their first words.',
    )
    .argument('<run>', 'run folder')
    .option('--data <name|path>', 'other data than the run was trained on')
    .addOption(new Option('--split <part>', 'part of the data').choices([...splits]).default('test'))
    .option('--count <n>', 'how many', positiveInteger, 40)
    .option('--out <file>', 'file to write (default for pictures: reconstructions-SPLIT.png in the run folder)')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: ReconstructOptions) => {
      const started = Date.now();
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      const data = await loadRunData(io, config, options.data);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const product = await task.reconstruct(session, data, options.split, options.count);
        await deliver(io, product, {
          model: config.model,
          started,
          out: options.out,
          usual: folder.file(`reconstructions-${options.split}`),
          json: options.json === true,
          what: (n) => `${n} ${options.split} ${task.noun} of ${data.name} with their reconstructions`,
        });
      } finally {
        session.model.dispose();
      }
    });
