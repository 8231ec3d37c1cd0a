import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@proj/io';
import { writeFileAtomic } from '@proj/io/node';
import { readWeights } from '@proj/training';
import { Command, Option } from 'commander';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { projectorFiles } from '../projector.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession, type Session } from '../session.ts';

interface ExportOptions {
  to: Format;
  out: string;
  in?: string;
  engine?: string;
  json?: boolean;
}

const formats = ['safetensors', 'tsv'] as const;
type Format = (typeof formats)[number];

export const exportRun = (io: Io) =>
  new Command('export')
    .description(
      'Write the best weights of a run as safetensors, or the vectors of a text as the two TSV files of the TensorBoard projector.',
    )
    .argument('<run>', 'run folder')
    .addOption(new Option('--to <format>', 'what to write').choices([...formats]).makeOptionMandatory())
    .requiredOption('--out <path>', 'file to write; of tsv a folder')
    .option('--in <file>', 'tsv: the text, UTF-8')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: ExportOptions) => {
      const started = Date.now();
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      if (options.to === 'tsv' && !task.codec) {
        throw new UsageError(`tsv is for models of text as bytes, ${run} is a ${config.model}. Use safetensors.`);
      }
      const text = options.to === 'tsv' ? await textOf(options.in) : '';
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const count =
          options.to === 'tsv' ? await writeTsv(session, text, options.out) : await writeWeights(session, options.out);
        const seconds = (Date.now() - started) / 1000;
        if (options.json) io.print(JSON.stringify({ model: config.model, count, seconds, out: options.out }));
        else io.print(`wrote ${count} ${options.to === 'tsv' ? 'vectors' : 'weights'} to ${options.out}`);
      } finally {
        session.model.dispose();
      }
    });

async function textOf(path: string | undefined): Promise<string> {
  if (path === undefined) throw new UsageError('tsv needs a text: --in FILE.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const why =
      error instanceof TypeError ? 'expected text in UTF-8, got bytes that are none' : (error as Error).message;
    throw new UsageError(`${path}: ${why}.`);
  }
  if (text === '') throw new UsageError(`${path}: expected text, the file is empty.`);
  return text;
}

/** tensors.tsv and metadata.tsv in a folder; how many rows. */
async function writeTsv({ spec, model }: Session, text: string, out: string): Promise<number> {
  const { tensors, metadata } = await projectorFiles(spec.task.codec!(model), text);
  await mkdir(out, { recursive: true });
  const write = (name: string, content: string) => writeFileAtomic(join(out, name), new TextEncoder().encode(content));
  await write('tensors.tsv', tensors);
  await write('metadata.tsv', metadata);
  return metadata.split('\n').length - 1;
}

async function writeWeights({ model, spec }: Session, out: string): Promise<number> {
  const tensors = await readWeights(model.weights);
  await writeFileAtomic(out, writeSafetensors(tensors, { format: 'pt', model: spec.name }));
  return Object.keys(tensors).length;
}
