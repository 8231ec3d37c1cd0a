import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { streamTokens } from '@proj/tokun';
import { Command } from 'commander';
import { asCliError } from '../data.ts';
import { engineName, startRunEngine } from '../engine.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { shard } from '../options.ts';
import { RunFolder } from '../run-folder.ts';
import { isSameFile } from '../same-file.ts';
import { loadSession } from '../session.ts';
import { CODEC_BYTES, type VectorCodec } from '../tasks/task.ts';
import { writeVectors } from '../vector-file.ts';
import { checkOtherShards, hasShard, manifestPath, shardPath, writeManifest } from '../vector-shards.ts';

interface EncodeOptions {
  in: string;
  out: string;
  shard?: { index: number; count: number };
  engine?: string;
  json?: boolean;
}

export const encode = (io: Io) =>
  new Command('encode')
    .description('Write a text file as vectors of a trained model: safetensors, a row a token. Files of any size.')
    .argument('<run>', 'run folder')
    .requiredOption('--in <file>', 'text in UTF-8')
    .requiredOption('--out <file>', 'safetensors file to write')
    .option(
      '--shard <i/n>',
      'only the i-th of n parts, to OUT-0000i-of-0000n; one that is there already is left',
      shard,
    )
    .option('--engine <name>', 'another engine than the run was trained with', engineName)
    .option('--json', 'one JSON object on stdout')
    .action(async (run: string, options: EncodeOptions) => {
      const started = Date.now();
      const { folder, config } = RunFolder.open(run);
      const { task } = modelSpec(config.model);
      if (!task.codec) throw new UsageError(`encode is for models of text as bytes, ${run} is a ${config.model}.`);
      await startRunEngine(config, options.engine);
      const session = await loadSession(folder, config);
      try {
        const codec = task.codec(session.model);
        const input = await survey(options.in);
        const tokens = Math.ceil((4 * input.characters) / codec.tokenSize);
        const about = {
          ...{ model: config.model, weights: await folder.weightsHash(), input: input.sha256 },
          ...{ characters: String(input.characters), tokenSize: String(codec.tokenSize) },
        };
        const { index, count } = options.shard ?? { index: 1, count: 1 };
        const [from, to] = [index - 1, index].map((i) => Math.floor((i * tokens) / count)) as [number, number];
        const out = options.shard ? shardPath(options.out, index, count) : options.out;
        if (await isSameFile(options.in, out)) {
          throw new UsageError(`--out ${options.out} is the text itself. Choose another file.`);
        }
        if (options.shard) await checkOtherShards(options.out, about, count);
        const there = options.shard !== undefined && (await hasShard(options.out, about, index, count));
        let sha256: string | undefined;
        if (!there) {
          const metadata = { ...about, shard: `${index}/${count}`, firstToken: String(from) };
          const vectors = encodeRange(codec, options.in, from, to, io.signal);
          sha256 = await writeVectors(out, { rows: to - from, columns: codec.width, metadata }, vectors);
        }
        if (options.shard) await writeManifest(options.out, about, count, sha256 ? { index, sha256 } : undefined);
        const manifest = options.shard
          ? { shard: `${index}/${count}`, skipped: there, manifest: manifestPath(options.out) }
          : {};
        const seconds = (Date.now() - started) / 1000;
        if (options.json) {
          io.print(JSON.stringify({ model: config.model, count: to - from, seconds, out, ...manifest }));
        } else if (there) io.print(`${out} is there already, with ${to - from} vectors of this text and this run`);
        else io.print(`wrote ${to - from} vectors of ${codec.width} numbers to ${out}`);
      } catch (error) {
        throw asCliError(error);
      } finally {
        session.model.dispose();
      }
    });

/** Characters of a text file and its SHA-256. @throws UsageError if it cannot be read or is not UTF-8. */
async function survey(path: string): Promise<{ characters: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const watched = async function* () {
      for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
        hash.update(part);
        yield part;
      }
    };
    for await (const piece of streamTokens(watched(), { tokenSize: 4, fatal: true })) bytes += piece.length;
  } catch (error) {
    if (error instanceof TypeError) {
      throw new UsageError(`${path}: expected text in UTF-8, got bytes that are none. Save the file as UTF-8.`);
    }
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
  return { characters: bytes / 4, sha256: hash.digest('hex') };
}

/** The vectors of tokens [from, to) of a text file. @throws what stops `signal`. */
async function* encodeRange(
  codec: VectorCodec,
  path: string,
  from: number,
  to: number,
  signal: AbortSignal,
): AsyncGenerator<Float32Array> {
  const { tokenSize } = codec;
  let at = 0;
  for await (const piece of streamTokens(createReadStream(path), {
    tokenSize,
    tokens: Math.ceil(CODEC_BYTES / tokenSize),
  })) {
    signal.throwIfAborted();
    const tokens = piece.length / tokenSize;
    const [first, last] = [Math.max(from - at, 0), Math.min(to - at, tokens)];
    if (first < last) yield await codec.encode(piece.subarray(first * tokenSize, last * tokenSize));
    at += tokens;
    if (at >= to) return;
  }
}
