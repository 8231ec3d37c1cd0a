import { foldIn, splitSeed } from '@proj/distributions/random';
import type { ImageData } from '@proj/io/node';
import { type Corruption, corrupt, denoisingError } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageModel } from '../models/image-model.ts';
import { stackedGridPng } from '../pictures/grids.ts';
import type { Session } from '../session.ts';
import { imageDataset } from './image-pictures.ts';
import { take } from './take.ts';
import type { Exhibit } from './task.ts';

/** Images [B, D] as the model takes them, and the seed of their noise: the same for every model of one evaluation seed. */
function cleanImages(model: ImageModel, x: tf.Tensor2D, batchSeed: number) {
  const [draw, noise] = splitSeed(foldIn(batchSeed, 0), 2);
  return { clean: model.observe ? model.observe(x, draw!) : x, noise: noise! };
}

/** Squared error of what the model makes of corrupted images x [B, D], against the clean ones: a mean over pixels, [B]. */
export function denoisingMse(
  model: ImageModel,
  x: tf.Tensor2D,
  corruption: Corruption,
  batchSeed: number,
): tf.Tensor1D {
  return tf.tidy(() => {
    const { clean, noise } = cleanImages(model, x, batchSeed);
    const reconstruct = (noisy: tf.Tensor) => model.decode(model.encode(noisy as tf.Tensor2D));
    return denoisingError({ reconstruct }, clean, corruption, noise);
  });
}

/** Test images, corrupted as in training, and what the model makes of them. */
export async function denoisingPictures({ model, seeds }: Session<ImageModel>, data: ImageData): Promise<Exhibit[]> {
  const { noise, level } = model.corruption!;
  const shape = { height: data.height, width: data.width, channels: data.channels };
  const count = Math.min(20, data.test.count);
  const x = imageDataset(data, 'test').batch(Uint32Array.from({ length: count }, (_, i) => i)) as tf.Tensor2D;
  const rows = tf.tidy(() => {
    const { clean, noise: seed } = cleanImages(model, x, seeds.evaluation);
    const noisy = corrupt(clean, { noise, level }, seed);
    return [tf.clone(clean), noisy, model.decode(model.encode(noisy))];
  });
  x.dispose();
  const bytes = stackedGridPng(await Promise.all(rows.map(take)), shape, 10);
  return [
    {
      file: 'denoising.png',
      title: 'Denoising',
      caption: `Test images, the same with ${noise} noise of ${level}, and what the model makes of the noisy ones.`,
      bytes,
    },
  ];
}
