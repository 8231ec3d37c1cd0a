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

/** Bytes of a step. */
const STEP = 2 ** 14;

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
        const characters = await charactersOf(codec, files);
        const count = await writeText(options.out, streamText(bytesOf(codec, files)), characters);
        const seconds = (Date.now() - started) / 1000;
        if (options.json) io.print(JSON.stringify({ model: config.model, count, seconds, out: options.out }));
        else io.print(`wrote ${count} characters to ${options.out}`);
      } catch (error) {
        throw asCliError(error);
      } finally {
        session.model.dispose();
      }
    });

/** How many characters were encoded. @throws UsageError if the vectors cannot hold them. */
async function charactersOf(codec: VectorCodec, files: readonly string[]): Promise<number> {
  const headers = await Promise.all(files.map(readVectorHeader));
  const characters = Number(headers[0]!.metadata.characters);
  const tokens = headers.reduce((sum, { rows }) => sum + rows, 0);
  if (4 * characters <= tokens * codec.tokenSize) return characters;
  throw new UsageError(
    `${files[0]}: expected vectors of ${characters} characters, got ${tokens} of ${codec.tokenSize} bytes each. Give the manifest of all shards.`,
  );
}

async function* bytesOf(codec: VectorCodec, files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const { columns } = await readVectorHeader(file);
    if (columns !== codec.width) {
      throw new UsageError(
        `${file} has vectors of ${columns} numbers, this run's have ${codec.width}. Decode it with the run that wrote it.`,
      );
    }
    const step = columns * Math.ceil(STEP / codec.tokenSize);
    for await (const piece of readVectors(file)) {
      for (let at = 0; at < piece.length; at += step) yield await codec.decode(piece.subarray(at, at + step));
    }
  }
}

/**
 * The text in a file, whole or not at all, as many characters as were encoded: a model may see some in the padding after them, and NULs at the
 * end of a text come as padding does. How many they are.
 */
async function writeText(path: string, pieces: AsyncIterable<string>, characters: number): Promise<number> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx');
  let left = characters;
  try {
    for await (const piece of pieces) {
      const all = Array.from(piece);
      await file.writeFile(all.length <= left ? piece : all.slice(0, left).join(''));
      left = Math.max(0, left - all.length);
    }
    await file.writeFile('\0'.repeat(left));
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  return characters;
}
