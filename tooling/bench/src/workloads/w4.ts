import { PixelCnn } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { levels16 } from '../data.ts';
import type { Variant } from '../measure.ts';
import { trainingStep } from './training-step.ts';

const SIDE = 16;
const PIXELS = SIDE * SIDE;
const LEVELS = 4;

/** The book's PixelCNN: 307,460 parameters, level / 4 in, a softmax of 4 levels out. */
export const bookPixelCnn = (): PixelCnn =>
  new PixelCnn({ imageShape: [SIDE, SIDE, 1], levels: LEVELS, inputDivisor: LEVELS, seed: 0 });

/** PixelCNN on Fashion-MNIST at 16 x 16 in 4 levels, batches of 128 and 32, Adam 5e-4, mean cross-entropy. */
export async function* w4(): AsyncGenerator<Variant> {
  const data = await levels16(1280);
  for (const batch of [128, 32]) {
    const pixelCnn = bookPixelCnn();
    const model = {
      weights: pixelCnn.weights,
      loss: (x: tf.Tensor) => tf.tidy(() => pixelCnn.loss(tf.reshape(x, [batch, SIDE, SIDE, 1]))),
      dispose: () => pixelCnn.dispose(),
    };
    const rate = { amount: batch * PIXELS, unit: 'pixels/s' };
    yield trainingStep({ name: `step batch ${batch}`, model, data, itemSize: PIXELS, batch, learningRate: 5e-4, rate });
  }
}
