import { writeFileAtomic } from '@proj/io/node';
import { Command, Option } from 'commander';
import { loadData, type Split, splits } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { reconstructionPng } from '../images.ts';
import type { Io } from '../io.ts';
import { positiveInteger } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import { checkShape } from './shared.ts';

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
    .description('Encode and decode images; originals stand above their reconstructions.')
    .argument('<run>', 'run folder')
    .option('--data <name|path>', 'other data than the run was trained on')
    .addOption(new Option('--split <part>', 'part of the data').choices([...splits]).default('test'))
    .option('--count <n>', 'how many images', positiveInteger, 40)
    .option('--out <file>', 'PNG to write (default: reconstructions-SPLIT.png in the run folder)')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: ReconstructOptions) => {
      const started = Date.now();
      const { folder, config } = RunFolder.open(run);
      const own = options.data === undefined || options.data === config.data;
      const data = await loadData(io, options.data ?? config.data, own ? config.limit : null);
      checkShape(config, data);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      const out = options.out ?? folder.file(`reconstructions-${options.split}.png`);
      const count = Math.min(options.count, data[options.split].count);
      try {
        await writeFileAtomic(out, await reconstructionPng(session, data, options.split, count));
      } finally {
        session.model.dispose();
      }
      const seconds = (Date.now() - started) / 1000;
      if (options.json) io.print(JSON.stringify({ model: config.model, count, seconds, out }));
      else io.print(`wrote ${count} ${options.split} images of ${data.name} with their reconstructions to ${out}`);
    });
