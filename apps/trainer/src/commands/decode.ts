import { writeFileAtomic } from '@proj/io/node';
import { streamText } from '@proj/tokun';
import { Command } from 'commander';
import { asCliError } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { RunFolder } from '../run-folder.ts';
import { isSameFile } from '../same-file.ts';
import { loadSession } from '../session.ts';
import { CODEC_BYTES, type VectorCodec } from '../tasks/task.ts';
import { readVectorHeader, readVectors } from '../vector-file.ts';
import { vectorFiles } from '../vector-shards.ts';

interface DecodeOptions {
  in: string;
  out: string;
  engine?: string;
  json?: boolean;
}

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
      for (const file of [options.in, ...files]) {
        if (!(await isSameFile(file, options.out))) continue;
        throw new UsageError(`--out ${options.out} is what is to be decoded. Choose another file.`);
      }
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const codec = task.codec(session.model);
        const count = await charactersOf(codec, files);
        const { metadata } = await readVectorHeader(files[0]!);
        if (metadata.weights !== (await folder.weightsHash())) {
          io.log(`note: ${files[0]} is of other weights than the best of ${run}: the text may be another.`);
        }
        await writeFileAtomic(options.out, cutTo(count, streamText(bytesOf(codec, files, io.signal))));
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
  const other = headers.findIndex(({ metadata }) => metadata.tokenSize !== String(codec.tokenSize));
  if (other >= 0) {
    throw new UsageError(
      `${files[other]} has tokens of ${headers[other]!.metadata.tokenSize} bytes, this run's have ${codec.tokenSize}. Decode it with the run that wrote it.`,
    );
  }
  const tokens = headers.reduce((sum, { rows }) => sum + rows, 0);
  if (4 * characters <= tokens * codec.tokenSize) return characters;
  throw new UsageError(
    `${files[0]}: expected vectors of ${characters} characters, got ${tokens} of ${codec.tokenSize} bytes each. Give the manifest of all shards.`,
  );
}

async function* bytesOf(codec: VectorCodec, files: readonly string[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const { columns } = await readVectorHeader(file);
    if (columns !== codec.width) {
      throw new UsageError(
        `${file} has vectors of ${columns} numbers, this run's have ${codec.width}. Decode it with the run that wrote it.`,
      );
    }
    const step = columns * Math.ceil(CODEC_BYTES / codec.tokenSize);
    for await (const piece of readVectors(file)) {
      for (let at = 0; at < piece.length; at += step) {
        signal.throwIfAborted();
        yield await codec.decode(piece.subarray(at, at + step));
      }
    }
  }
}

/**
 * The text, as many characters as were encoded: a model may see some in the padding after them, and NULs at the end of a text come as padding
 * does.
 */
async function* cutTo(characters: number, pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let left = characters;
  for await (const piece of pieces) {
    const all = Array.from(piece);
    yield all.length <= left ? piece : all.slice(0, left).join('');
    left = Math.max(0, left - all.length);
  }
  yield '\0'.repeat(left);
}
