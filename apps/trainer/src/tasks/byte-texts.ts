import { normal } from '@proj/distributions/random';
import { decodeUtf32, unpad } from '@proj/tokun';
import * as tf from '@tensorflow/tfjs-core';
import type { Split } from '../data.ts';
import { type ByteModel, exampleBytes } from '../models/byte-model.ts';
import { accuracyCurvePng } from '../pictures/accuracy-curve.ts';
import { type ByteTexts, balanced, excerptDataset, loadByteTexts, WORD } from './excerpts.ts';
import { range } from './image-pictures.ts';
import { robustness, spread } from './robustness.ts';
import { take } from './take.ts';
import type { Exhibit, Task } from './task.ts';

/** Excerpts a step of evaluation; a figure does not depend on it. */
const EVALUATION_BATCH = 32;

/** Excerpts that say how vectors are spread, for `sample` and before training. */
const KNOWN = 64;

/** Excerpts whose vectors are put under noise. */
const MEASURED = 96;

/** Bytes of a sample, or one token if that has more. */
const SAMPLE = 128;

/** Counts of some excerpts, added up. */
interface Tally {
  characters: number;
  charactersRight: number;
  bytesRight: number;
  nats: number;
}

/** Text as bytes, and models that write them as vectors. */
export const byteTexts: Task<ByteTexts, ByteModel> = {
  noun: 'excerpts',
  usualShape: {},
  load: loadByteTexts,
  shapeOf: () => ({}),
  showShape: () => 'bytes',
  counts: ({ excerpts: { train, validation, test } }) => ({
    ...{ train: train.length, validation: validation.length, test: test.length },
  }),
  dataset: (data, { model }) => excerptDataset(data, 'train', balanced(data.excerpts.train, model.balance)),

  prepare(model, data) {
    if (model.prepare === undefined) return;
    const dataset = excerptDataset(data, 'train');
    const batch = dataset.batch(range(0, Math.min(KNOWN, dataset.size)));
    model.prepare(batch as tf.Tensor);
    tf.dispose(batch);
  },

  async evaluate({ model }, data, split, full, onExample) {
    const files = data.files.map(() => fresh());
    await compare(model, data, split, data.excerpts[split].length, (index, _, tally) => {
      add(files[data.excerpts[split][index]!.file]!, tally);
      onExample?.(index, metricsOf(tally));
    });
    const all = fresh();
    for (const tally of files) add(all, tally);
    const metrics = metricsOf(all);
    if (!full || files.length === 1) return metrics;
    const each = data.files.flatMap(({ name }, i) =>
      files[i]!.characters === 0 ? [] : [[`charAccuracy ${name}`, metricsOf(files[i]!).charAccuracy] as const],
    );
    return { ...metrics, ...Object.fromEntries(each) };
  },

  codec(model) {
    const { tokenSize } = model;
    const width = tf.tidy(() => model.encode(tf.zeros([tokenSize], 'int32')).size);
    return {
      ...{ tokenSize, width },
      encode: (bytes) => take(tf.tidy(() => model.encode(tf.tensor1d(Int32Array.from(bytes), 'int32')))),
      async decode(vectors) {
        const rows: [number, number] = [vectors.length / width, width];
        return Uint8Array.from(await take(tf.tidy(() => model.decode(tf.tensor2d(vectors, rows)))));
      },
    };
  },

  usualSamples: 10,

  /** Draws of the prior, or where there is none of a normal distribution with the mean and deviation of the vectors of test excerpts; decoded. */
  async sample({ model }, load, { count, seed, temperature }) {
    const data = await load();
    const z = tf.tidy(() => {
      const known = vectors(model, data, 'test', model.hasPrior ? 1 : KNOWN);
      const width = known.shape[1];
      const { mean, deviation } = model.hasPrior ? { mean: 0, deviation: 1 } : spread(known);
      const shape = [count, Math.ceil(SAMPLE / model.tokenSize), width];
      const noise = tf.tensor(normal(tf.util.sizeFromShape(shape), seed), shape);
      return tf.add(mean, tf.mul(tf.mul(deviation, temperature), noise));
    });
    const bytes = Uint8Array.from(await take(tf.tidy(() => model.decode(z))));
    z.dispose();
    const size = bytes.length / count;
    const samples = Array.from({ length: count }, (_, i) => readable(bytes.subarray(i * size, (i + 1) * size)));
    return { count, samples };
  },

  async reconstruct({ model }, data, split, count) {
    const samples: unknown[] = [];
    await compare(model, data, split, count, (_, texts, tally) => {
      samples.push({ ...texts(), charAccuracy: metricsOf(tally).charAccuracy });
    });
    return { count: samples.length, samples };
  },

  async robustness({ model, seeds }, data, split) {
    const { excerpts, files } = data;
    const chosen = excerpts[split].slice(0, MEASURED);
    const originals = chosen.map(({ file, from, characters }) =>
      files[file]!.bytes[split].subarray(WORD * from, WORD * (from + characters)),
    );
    const z = vectors(model, data, split, MEASURED);
    const tokens = z.shape[0] / chosen.length;
    const score = async (noisy: tf.Tensor2D) => {
      const bytes = await take(tf.tidy(() => model.decode(noisy)));
      const all = fresh();
      for (const [i, original] of originals.entries()) {
        const at = i * tokens * model.tokenSize;
        add(all, tallyOf(original, Uint8Array.from(bytes.subarray(at, at + original.length))));
      }
      return metricsOf(all).charAccuracy;
    };
    const rows = await robustness(z, seeds.evaluation, score).finally(() => z.dispose());
    const curves = [
      rows.map((row) => row.independent),
      rows.map((row) => row.shared),
      rows.map((row) => row.structured),
    ];
    const picture: Exhibit = {
      file: 'robustness.png',
      title: 'Robustness',
      caption: `Share of characters of ${chosen.length} ${split} excerpts that are right (up) under noise on their vectors (right, in standard deviations of these): blue of its own for every token, red one draw for all, green a shift of all features.`,
      bytes: accuracyCurvePng(
        rows.map(({ sigma }) => sigma),
        curves,
      ),
    };
    return { rows, picture };
  },

  async exhibits(session, data): Promise<Exhibit[]> {
    const { model } = session;
    const shown = data.excerpts.test.slice(0, Math.max(3, data.files.length));
    const lines: string[] = [];
    await compare(model, data, 'test', shown.length, (index, texts, tally) => {
      const { original, decoded } = texts();
      const { charactersRight, characters } = tally;
      const wrong = characters - charactersRight;
      const verdict = wrong === 0 ? 'every character right' : `${wrong} of ${characters} characters wrong`;
      lines.push(`${data.files[shown[index]!.file]!.name}: ${verdict}`, `  ${original}`, `  ${decoded}`, '');
    });
    return [
      {
        file: 'texts.txt',
        title: 'Texts',
        caption: 'Test excerpts, and what becomes of them as vectors and back.',
        bytes: new TextEncoder().encode(lines.join('\n')),
      },
      (await byteTexts.robustness!(session, data, 'test')).picture,
    ];
  },
};

/** Text of bytes in one line: controls as they are escaped, padding left out. */
const readable = (bytes: Uint8Array): string =>
  unpad(decodeUtf32(bytes)).replace(/[\p{Cc}\u2028\u2029]/gu, (control) =>
    control === '\n' ? '\\n' : `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Vectors of the first excerpts of a part, [tokens, D]. */
function vectors(model: ByteModel, data: ByteTexts, split: Split, count: number): tf.Tensor2D {
  return tf.tidy(() => {
    const batch = excerptDataset(data, split).batch(range(0, Math.min(count, data.excerpts[split].length)));
    const z = model.encode(exampleBytes(batch as tf.Tensor, model.tokenSize)); // [B, M, D]
    return tf.reshape(z, [-1, z.shape.at(-1)!]) as tf.Tensor2D;
  });
}

type OnCompared = (index: number, texts: () => { original: string; decoded: string }, tally: Tally) => void;

/** The first `count` excerpts of a part beside what becomes of them. Padding counts for nothing. */
async function compare(
  model: ByteModel,
  data: ByteTexts,
  split: Split,
  count: number,
  onCompared: OnCompared,
): Promise<void> {
  const { excerpts, files } = data;
  const dataset = excerptDataset(data, split);
  const end = Math.min(count, dataset.size);
  for (let start = 0; start < end; start += EVALUATION_BATCH) {
    const batch = dataset.batch(range(start, Math.min(start + EVALUATION_BATCH, end)));
    const { nats, decoded } = model.evaluate(batch as tf.Tensor);
    tf.dispose(batch);
    const width = nats.shape.at(-1)!;
    const [ofBytes, likeliest] = [await take(nats), await take(decoded)];
    for (let i = 0; i < ofBytes.length / width; i++) {
      const { file, from, characters } = excerpts[split][start + i]!;
      const original = files[file]!.bytes[split].subarray(WORD * from, WORD * (from + characters));
      const row = i * width;
      const guess = Uint8Array.from(likeliest.subarray(row, row + original.length));
      const texts = () => ({ original: readable(original), decoded: readable(guess) });
      onCompared(start + i, texts, tallyOf(original, guess, ofBytes.subarray(row, row + original.length)));
    }
  }
}

function tallyOf(original: Uint8Array, guess: Uint8Array, nats?: Float32Array): Tally {
  const tally = { ...fresh(), characters: original.length / WORD };
  for (let at = 0; at < original.length; at += WORD) {
    let right = 0;
    for (let i = at; i < at + WORD; i++) {
      if (original[i] === guess[i]) right++;
      tally.nats += nats?.[i] ?? 0;
    }
    tally.bytesRight += right;
    if (right === WORD) tally.charactersRight++;
  }
  return tally;
}

const fresh = (): Tally => ({ characters: 0, charactersRight: 0, bytesRight: 0, nats: 0 });

function add(to: Tally, from: Tally): void {
  for (const key of Object.keys(to) as (keyof Tally)[]) to[key] += from[key];
}

function metricsOf({ characters, charactersRight, bytesRight, nats }: Tally) {
  const bytes = WORD * characters;
  return { charAccuracy: charactersRight / characters, byteAccuracy: bytesRight / bytes, nllPerByte: nats / bytes };
}
