import type { ImageData } from '@proj/io/node';
import { meanMetrics } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Split } from '../data.ts';
import type { DrawImagesOptions, LevelImageModel } from '../models/level-image-model.ts';
import { imageGridPng, reconstructionGridPng } from '../pictures/grids.ts';
import type { Session } from '../session.ts';
import { imageDataset, range } from './image-pictures.ts';
import { images } from './images.ts';
import { take } from './take.ts';
import type { Exhibit, Task } from './task.ts';

/** Images a step of evaluation; a figure does not depend on it. */
const EVALUATION_BATCH = 100;

/** Images that `prepare` sees. */
const FIRST_IMAGES = 128;

/** Images in a picture of samples, and test images that are completed in the report. */
const SAMPLES = 100;
const COMPLETED = 10;
const COMPLETIONS = 3;

/** Images of integer levels, and models that give them a probability, pixel after pixel: no codes, but halves can be completed. */
export const levelImages: Task<ImageData, LevelImageModel> = {
  ...{ noun: images.noun, usualShape: images.usualShape, load: images.load, shapeOf: images.shapeOf },
  ...{ showShape: images.showShape, counts: images.counts },
  dataset: (data) => imageDataset(data, 'train'),

  prepare(model, data) {
    if (model.prepare === undefined) return;
    const x = first(data, 'train', FIRST_IMAGES);
    model.prepare(x);
    x.dispose();
  },

  evaluate: ({ model, seeds }, data, split, _, onExample) =>
    meanMetrics(
      imageDataset(data, split),
      EVALUATION_BATCH,
      (x) => model.metrics(x as tf.Tensor),
      seeds.evaluation,
      onExample,
    ),

  async sample(session, _, { count, seed, temperature }) {
    const bytes = await samplesPng(session, { count, seed, temperature }, Math.ceil(Math.sqrt(count)));
    return { count, bytes, extension: 'png' };
  },

  /** The upper half of each image stays, the rest is drawn. */
  async reconstruct(session, data, split, count) {
    const { originals, completions } = await complete(session, data, split, count, [0]);
    const bytes = reconstructionGridPng(originals, completions[0]!, pictured(session), 10);
    return { count: Math.min(count, data[split].count), bytes, extension: 'png' };
  },

  async progress(session, _, epoch): Promise<Exhibit[]> {
    if (!isRound(epoch)) return [];
    return [
      {
        file: `samples-epoch-${String(epoch).padStart(4, '0')}.png`,
        title: `Samples after epoch ${epoch}`,
        caption: 'Draws from the model.',
        bytes: await samplesPng(session, { count: SAMPLES, seed: 0 }, 10),
      },
    ];
  },

  async exhibits(session, data): Promise<Exhibit[]> {
    const seeds = Array.from({ length: COMPLETIONS }, (_, i) => i);
    const { originals, halves, completions } = await complete(session, data, 'test', COMPLETED, seeds);
    const rows = [originals, halves, ...completions];
    const stacked = new Float32Array(rows.length * originals.length);
    rows.forEach((row, i) => {
      stacked.set(row, i * originals.length);
    });
    return [
      {
        file: 'samples.png',
        title: 'Samples',
        caption: 'Draws from the model, temperature 1.',
        bytes: await samplesPng(session, { count: SAMPLES, seed: 0 }, 10),
      },
      {
        file: 'completions.png',
        title: 'Completions',
        caption: `Test images, their upper halves, and ${COMPLETIONS} lower halves that the model drew for each.`,
        bytes: imageGridPng(stacked, pictured(session), Math.min(COMPLETED, data.test.count)),
      },
    ];
  },
};

/** 1, 2, 5, 10, 20, 50, ... */
const isRound = (epoch: number): boolean => [1, 2, 5].includes(epoch / 10 ** Math.floor(Math.log10(epoch)));

const first = (data: ImageData, split: Split, count: number): tf.Tensor2D => {
  const dataset = imageDataset(data, split);
  return dataset.batch(range(0, Math.min(count, dataset.size))) as tf.Tensor2D;
};

const pictured = ({ model: { imageShape } }: Session<LevelImageModel>) => {
  const [height, width, channels] = imageShape;
  return { height, width, channels };
};

/** Levels as grey values: 0 is black, the last is white. */
const grey = (levels: tf.Tensor, model: LevelImageModel): Promise<Float32Array> =>
  take(tf.tidy(() => tf.div(tf.cast(levels, 'float32'), model.levels - 1)));

async function samplesPng(
  session: Session<LevelImageModel>,
  options: DrawImagesOptions,
  columns: number,
): Promise<Uint8Array> {
  const levels = await session.model.draw(options);
  try {
    return imageGridPng(await grey(levels, session.model), pictured(session), columns);
  } finally {
    levels.dispose();
  }
}

/** The first images of a part, their upper halves, and what the model makes of these: one set of images a seed. */
async function complete(
  session: Session<LevelImageModel>,
  data: ImageData,
  split: Split,
  count: number,
  seeds: readonly number[],
) {
  const { model } = session;
  const [height] = model.imageShape;
  const upper = Math.ceil(height / 2);
  const [given, mask] = tf.tidy(() => [
    model.observe(first(data, split, count)),
    tf.concat([tf.ones([upper, 1, 1]), tf.zeros([height - upper, 1, 1])]),
  ]) as [tf.Tensor4D, tf.Tensor];
  try {
    const completions: Float32Array[] = [];
    for (const seed of seeds) {
      const levels = await model.draw({ count: given.shape[0], seed, given, mask });
      completions.push(await grey(levels, model));
      levels.dispose();
    }
    const halves = tf.tidy(() => tf.mul(given, mask));
    const result = { originals: await grey(given, model), halves: await grey(halves, model), completions };
    halves.dispose();
    return result;
  } finally {
    tf.dispose([given, mask]);
  }
}
