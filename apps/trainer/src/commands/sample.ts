import { Command } from 'commander';
import { engineName, startRunEngine } from '../engine.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { natural, nonNegative, positiveInteger } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import { deliver } from './product.ts';

interface SampleOptions {
  count: number;
  temperature: number;
  seed: number;
  out?: string;
  engine?: string;
  json?: boolean;
}

export const sample = (io: Io) =>
  new Command('sample')
    .description('Draw from a trained model: images; of a graph, the most probable links that it was not trained on.')
    .argument('<run>', 'run folder')
    .option('--count <n>', 'how many', positiveInteger, 100)
    .option(
      '--temperature <t>',
      'times the standard deviation of the prior (of a graph, of the posterior), 0 is its mean; of pixels, 0 is always the likeliest',
      nonNegative,
      1,
    )
    .option('--seed <n>', 'same seed, same draws', natural, 0)
    .option('--out <file>', 'file to write (default for pictures: samples-SEED.png in the run folder)')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: SampleOptions) => {
      const started = Date.now();
      const { count, temperature, seed } = options;
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const load = () => task.load(io, config.data, config.limit);
        const product = await task.sample(session, load, { count, seed, temperature });
        await deliver(io, product, {
          model: config.model,
          started,
          out: options.out,
          usual: folder.file(`samples-${seed}`),
          json: options.json === true,
          what: (n) => `${n} ${task.noun} (seed ${seed}, temperature ${temperature})`,
        });
      } finally {
        session.model.dispose();
      }
    });
