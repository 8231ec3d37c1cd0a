import { PixelCnnPlusPlus } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { resizeTo, trainingImages } from '../data.ts';
import type { Variant } from '../measure.ts';
import { trainingStep } from './training-step.ts';

const SIDE = 32;
const PIXELS = SIDE * SIDE;
const IMAGES = 320;

/**
 * PixelCNN++ of the book on Fashion-MNIST resized to 32x32x1: 353,950 parameters, which a form with masked kernels stores as
 * 624,990. A step: batch 32, dropout 0.3, mean of -log p in nats per image, Adam 1e-3. One image: its 1,024 pixels, drawn.
 */
export async function* w9(): AsyncGenerator<Variant> {
  const network = new PixelCnnPlusPlus({
    ...{
      imageShape: [SIDE, SIDE, 1],
      numResnet: 1,
      numHierarchies: 2,
      numFilters: 32,
      numLogisticMix: 5,
      dropout: 0.3,
    },
    averageDecay: 0, // the twin keeps no averages
  });
  const data = resizeTo(SIDE, await trainingImages('fashion-mnist', IMAGES)).map((grey) => Math.round(255 * grey));
  const images = (rows: tf.Tensor) => tf.reshape(rows, [-1, SIDE, SIDE, 1]);
  tf.tidy(() => network.initialize(images(tf.tensor(data.subarray(0, 32 * PIXELS)))));
  const model = {
    weights: network.weights,
    loss: (rows: tf.Tensor, seed: number) => tf.tidy(() => network.loss(images(rows), seed)),
    dispose: () => {}, // the second variant draws from it
  };
  yield trainingStep({ name: 'step', model, data, itemSize: PIXELS, batch: 32, learningRate: 1e-3 });
  let seed = 0;
  yield {
    name: 'one image',
    amount: 1,
    rateUnit: 'images/s',
    run: async () => (await network.sample({ seed: seed++ })).dispose(),
    dispose: () => network.dispose(),
  };
}
