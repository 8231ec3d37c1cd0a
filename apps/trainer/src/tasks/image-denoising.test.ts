import { binarize } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import type { ImageModel } from '../models/image-model.ts';
import { denoisingMse } from './image-denoising.ts';

const identity = (observe?: ImageModel['observe']) =>
  ({ encode: (x: tf.Tensor) => tf.clone(x), decode: (z: tf.Tensor) => tf.clone(z), observe }) as unknown as ImageModel;
const mse = (model: ImageModel) => {
  const errors = denoisingMse(model, tf.fill([40, 1000], 0.5) as tf.Tensor2D, { noise: 'mask', level: 0.5 }, 3);
  return tf.mean(errors).dataSync()[0]!;
};

// A pixel is 1 half of the time and lost half of the time: a quarter of them are wrong if noise and image are drawn apart; half, or
// none, with one seed for both. 5 standard errors of 40,000 pixels.
it('the noise does not depend on the draw of black and white pixels', () => {
  expect(Math.abs(mse(identity(binarize as ImageModel['observe'])) - 0.25)).toBeLessThan(
    5 * Math.sqrt(0.1875 / 40_000),
  );
});

// Half of the pixels of 0.5 are lost, each a squared error of 1/4; the draw has the same deviation relative to its mean.
it('grey images stay grey where the model takes them so', () => {
  expect(Math.abs(mse(identity()) - 0.125)).toBeLessThan(5 * 0.25 * Math.sqrt(0.25 / 40_000));
});
