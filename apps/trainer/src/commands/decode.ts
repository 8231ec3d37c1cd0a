import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { streamText } from '@proj/tokun';
import { Command } from 'commander';
import { asCliError } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { RunFolder } from '../run-folder.ts';
import { loadSession } from '../session.ts';
import type { VectorCodec } from '../tasks/task.ts';
import { readVectorHeader, readVectors } from '../vector-file.ts';
import { vectorFiles } from '../vector-shards.ts';

interface DecodeOptions {
  in: string;
  out: string;
  engine?: string;
  json?: boolean;
}

/** Vectors of a step. */
const STEP = 1024;

export const decode = (io: Io) =>
  new Command('decode')
    .description('Write vectors of trainer encode as the text that a trained model reads in them.')
    .argument('<run>', 'run folder')
    .requiredOption('--in <file>', 'safetensors file, or the manifest of several')
    .requiredOption('--out <file>', 'text file to write, UTF-8')
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: DecodeOptions) => {
      const started = Date.now();
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      if (!task.codec) throw new UsageError(`decode is for models of text as bytes, ${run} is a ${config.model}.`);
      const files = await vectorFiles(options.in).catch((error: unknown) => {
        throw asCliError(error);
      });
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const codec = task.codec(session.model);
        const count = await writeText(options.out, streamText(bytesOf(codec, files)));
        const seconds = (Date.now() - started) / 1000;
        if (options.json) io.print(JSON.stringify({ model: config.model, count, seconds, out: options.out }));
        else io.print(`wrote ${count} characters to ${options.out}`);
      } catch (error) {
        throw asCliError(error);
      } finally {
        session.model.dispose();
      }
    });

async function* bytesOf(codec: VectorCodec, files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const { columns } = await readVectorHeader(file);
    if (columns !== codec.width) {
      throw new UsageError(
        `${file} has vectors of ${columns} numbers, this run's have ${codec.width}. Decode it with the run that wrote it.`,
      );
    }
    for await (const piece of readVectors(file)) {
      for (let at = 0; at < piece.length; at += STEP * columns)
        yield await codec.decode(piece.subarray(at, at + STEP * columns));
    }
  }
}

/** Whole or not at all; the number of its characters. */
async function writeText(path: string, pieces: AsyncIterable<string>): Promise<number> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx');
  let characters = 0;
  try {
    for await (const piece of pieces) {
      for (const _ of piece) characters++;
      await file.writeFile(piece);
    }
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  return characters;
}
