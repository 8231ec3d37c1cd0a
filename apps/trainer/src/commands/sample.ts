import { writeFileAtomic } from '@proj/io/node';
import { Command } from 'commander';
import { loadData } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { sampleImages } from '../images.ts';
import type { Io } from '../io.ts';
import { natural, nonNegative, positiveInteger } from '../options.ts';
import { imageGridPng } from '../pictures/grids.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';

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
    .description('Draw from a trained model.')
    .argument('<run>', 'run folder')
    .option('--count <n>', 'how many', positiveInteger, 100)
    .option('--temperature <t>', 'times the standard deviation of the prior; 0 is its mean', nonNegative, 1)
    .option('--seed <n>', 'same seed, same draws', natural, 0)
    .option('--out <file>', 'PNG to write (default: samples-SEED.png in the run folder)')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: SampleOptions) => {
      const started = Date.now();
      const { count, temperature, seed } = options;
      const { folder, config } = RunFolder.open(run);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      const out = options.out ?? folder.file(`samples-${seed}.png`);
      try {
        const load = () => loadData(io, config.data, config.limit);
        const images = await sampleImages(session, load, count, seed, temperature);
        await writeFileAtomic(out, imageGridPng(images, config.image, Math.ceil(Math.sqrt(count))));
      } finally {
        session.model.dispose();
      }
      const seconds = (Date.now() - started) / 1000;
      if (options.json) io.print(JSON.stringify({ model: config.model, count, seconds, out }));
      else io.print(`wrote ${count} images to ${out} (seed ${seed}, temperature ${temperature})`);
    });
