import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@proj/io/node';
import { Command, Option } from 'commander';
import { engineName, startRunEngine } from '../engine.ts';
import { FailureError, UsageError } from '../errors.ts';
import { type Exported, exportRun, type Format, formats } from '../exchange/formats.ts';
import type { Io } from '../io.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';

interface ExportOptions {
  to: Format;
  out: string;
  in?: string;
  engine?: string;
  json?: boolean;
}

export const exportCommand = (io: Io) =>
  new Command('export')
    .description(
      'Write the best weights of a run for other programs: Keras, TensorFlow.js, Python, the TensorBoard projector.',
    )
    .argument('<run>', 'run folder')
    .addOption(
      new Option(
        '--to <format>',
        'keras (an archive), h5 (a whole model of Keras), tfjs (a folder), safetensors (every model), tsv (a folder for the projector)',
      )
        .choices([...formats])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'file or folder to write')
    .option('--in <file>', 'tsv of a model of bytes: the text, UTF-8, whose tokens are the rows')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: ExportOptions) => {
      const { folder, config } = RunFolder.open(run);
      const assets = folder.readAssets(config);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const exported = await exportRun(session, { config, assets }, options.to, () => readText(options.in));
        const bytes = await write(exported, options.out);
        const { to, out } = options;
        const { count } = exported;
        if (options.json) io.print(JSON.stringify({ model: config.model, to, count, out, bytes }));
        else io.print(`wrote ${count} ${to === 'tsv' ? 'vectors' : 'weights'} (${to}) to ${out}`);
      } finally {
        session.model.dispose();
      }
    });

/** @throws UsageError if it is none in UTF-8. */
function readText(path: string | undefined): string {
  if (path === undefined) throw new UsageError('tsv needs a text: --in FILE.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const why =
      error instanceof TypeError ? 'expected text in UTF-8, got bytes that are none' : (error as Error).message;
    throw new UsageError(`${path}: ${why}.`);
  }
  if (text === '') throw new UsageError(`${path}: expected text, the file is empty.`);
  return text;
}

/** Writes it, each file whole or not at all; how many bytes those are. @throws FailureError if the disk refuses. */
async function write(exported: Exported, out: string): Promise<number> {
  if ('file' in exported) {
    await writeFileAtomic(out, exported.file);
    return exported.file.length;
  }
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new FailureError(`cannot make the folder ${out}: ${(error as Error).message}`);
  }
  for (const [name, bytes] of Object.entries(exported.files)) await writeFileAtomic(join(out, name), bytes);
  return Object.values(exported.files).reduce((sum, { length }) => sum + length, 0);
}
