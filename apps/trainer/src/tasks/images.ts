import { type ImageData, loadImages } from '@proj/io/node';
import { meanMetrics } from '@proj/training';
import type * as tf from '@tensorflow/tfjs-core';
import { fetched } from '../data.ts';
import type { ImageModel } from '../models/image-model.ts';
import { imageGridPng } from '../pictures/grids.ts';
import { denoisingMse } from './image-denoising.ts';
import { imageDataset, latentPictures, range, reconstructionPng, sampleImages } from './image-pictures.ts';
import { take } from './take.ts';
import type { Exhibit, Task } from './task.ts';

/** Images a step of evaluation. Part of what a figure means: each batch draws from a seed of its own. */
const EVALUATION_BATCH = 250;

/** Images in [0, 1], and models that make codes of them and images of codes. */
export const images: Task<ImageData, ImageModel> = {
  noun: 'images',
  usualShape: { height: 28, width: 28, channels: 1 }, // digits, mnist and fashion-mnist
  load: (io, name, limit) =>
    fetched(io, (options) => loadImages(name, { ...(limit !== null && { limit }), ...options })),
  shapeOf: ({ height, width, channels }) => ({ height, width, channels }),
  showShape: ({ height, width, channels }) => `${height}x${width}x${channels}`,
  counts: ({ train, validation, test }) => ({ train: train.count, validation: validation.count, test: test.count }),
  dataset: (data) => imageDataset(data, 'train'),
  prepare: (model, data) => model.prepare(meanImage(data)),

  corrupts: true,

  async evaluate({ model, seeds }, data, split, full, onExample, corruption = model.corruption) {
    const metrics = (x: tf.Tensor, seed: number) => {
      const own = model.metrics(x as tf.Tensor2D, seed, full);
      if (!full || !corruption) return own;
      return { ...own, denoisingMse: denoisingMse(model, x as tf.Tensor2D, corruption, seed) };
    };
    const dataset = imageDataset(data, split);
    const means = model.summarise(await meanMetrics(dataset, EVALUATION_BATCH, metrics, seeds.evaluation, onExample));
    return full && model.activeUnits ? { ...means, activeUnits: await activeUnits(model, dataset) } : means;
  },

  async sample(session, load, { count, seed, temperature }) {
    const drawn = await sampleImages(session, load, count, seed, temperature);
    const bytes = imageGridPng(drawn, session.shape, Math.ceil(Math.sqrt(count)));
    return { count, bytes, extension: 'png' };
  },

  async reconstruct(session, data, split, count) {
    const shown = Math.min(count, data[split].count);
    return { count: shown, bytes: await reconstructionPng(session, data, split, shown), extension: 'png' };
  },

  async exhibits(session, data): Promise<Exhibit[]> {
    const samples = await sampleImages(session, async () => data, 100, 0, 1);
    const latent = await latentPictures(session, data);
    const axes =
      latent.dims === 2
        ? 'the two latent axes'
        : `the first two principal components of ${latent.dims} (${Math.round(100 * latent.explained)} % of the variance)`;
    return [
      {
        file: 'reconstructions.png',
        title: 'Reconstructions',
        caption: 'Test images, each above its reconstruction.',
        bytes: await reconstructionPng(session, data, 'test', 40),
      },
      {
        file: 'samples.png',
        title: 'Samples',
        caption: session.model.sampleCodes
          ? 'Decoded draws from the prior.'
          : 'Decoded draws from a Gaussian fitted to the training codes.',
        bytes: imageGridPng(samples, session.shape, 10),
      },
      {
        file: 'latent-plane.png',
        title: 'Latent plane',
        caption: `Codes of ${latent.count} test images over ${axes}, coloured by class.`,
        bytes: latent.scatter,
      },
      {
        file: 'latent-grid.png',
        title: 'Decoded plane',
        caption: 'The images that lie on a grid over the same plane.',
        bytes: latent.grid,
      },
    ];
  },
};

/** Of the first 10,000 images at most: a variance over them changes little with more. */
async function activeUnits(model: ImageModel, dataset: ReturnType<typeof imageDataset>): Promise<number> {
  const x = dataset.batch(range(0, Math.min(dataset.size, 10_000))) as tf.Tensor2D;
  try {
    return (await take(model.activeUnits!(x)))[0]!;
  } finally {
    x.dispose();
  }
}

/** Mean of the training images, [D] in [0, 1]. */
function meanImage({ train, height, width, channels }: ImageData): Float64Array {
  const mean = new Float64Array(height * width * channels);
  for (let i = 0; i < train.images.length; i++) mean[i % mean.length]! += train.images[i]!;
  return mean.map((sum) => sum / train.count / 255);
}
