import type { ImageData } from '@proj/io/node';
import { PixelCnnPlusPlus, type PixelCnnPlusPlusConfig } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { levelImages } from '../tasks/level-images.ts';
import { imageShape } from './image-model.ts';
import { type LevelImageModel, Resizer } from './level-image-model.ts';
import type { ModelSpec } from './spec.ts';

const schema = z.object({
  size: z.int().min(1).max(1024).default(32).describe('height and width that images are brought to'),
  numResnet: z.int().min(1).max(64).default(1).describe('gated layers of each hierarchy'),
  numHierarchies: z.int().min(1).max(10).default(2).describe('resolutions, each half of the one before'),
  numFilters: z.int().min(1).max(4096).default(32).describe('channels of the two stacks'),
  numLogisticMix: z.int().min(1).max(1024).default(5).describe('logistics a pixel'),
  dropout: z.number().min(0).max(0.99).default(0.3).describe('share of activations that training drops'),
  averageDecay: z
    .number()
    .min(0)
    .max(0.999999)
    .default(0.9995)
    .describe('of the averaged weights that are measured; 0: none'),
});

/** Of the first batch, to which gains and biases are fitted: more would only need more memory. */
const FIRST_IMAGES = 32;

export const pixelcnnPp: ModelSpec<ImageData, LevelImageModel> = {
  name: 'pixelcnn-pp',
  task: levelImages,
  summary: 'PixelCNN++: bytes by mixtures of logistics, under all pixels before them (Salimans et al. 2017)',
  schema,
  defaults: { data: 'digits', epochs: 5, batch: 32, learningRate: 1e-3 },
  monitor: { metric: 'bitsPerDim', mode: 'min' },
  notes: ({ size, averageDecay }) => [
    `images are resized to ${size} x ${size} (bilinear, half-pixel centres, no antialiasing) and rounded to bytes`,
    'bitsPerDim: -log2 p(image) over its pixels and channels, a mean over images',
    averageDecay === 0
      ? 'measured and drawn with the weights themselves'
      : `measured and drawn with running averages of the weights (decay ${averageDecay}, shorter at first)`,
  ],
  create(settings, shape, seed) {
    const { size, ...sizes } = schema.parse(settings);
    const from = imageShape(shape);
    const model = build({ ...sizes, imageShape: [size, size, from[2]], seed });
    const resizer = new Resizer(from, [size, size]);
    const observe = (x: tf.Tensor) => tf.tidy(() => tf.round(resizer.apply(x)));
    const averaged = sizes.averageDecay > 0;
    return {
      weights: model.weights,
      imageShape: model.config.imageShape,
      levels: 256,
      countParams: () => model.countParams(),
      fullKernelParams: () => model.fullKernelParams(),
      describe: () => model.describe(),
      observe,
      prepare: (x) =>
        void tf.tidy(() => model.initialize(observe(tf.slice(x, 0, Math.min(FIRST_IMAGES, x.shape[0]!))))),
      loss: (x, stepSeed) => tf.tidy(() => model.loss(observe(x as tf.Tensor), stepSeed)),
      afterStep: (steps) => model.updateAverages(steps),
      metrics: (x) => ({ bitsPerDim: tf.tidy(() => model.bitsPerDim(observe(x), { averaged }) as tf.Tensor1D) }),
      async draw({ count, given, mask, ...options }) {
        const kept = { ...(given && { given }), ...(mask && { mask }) };
        return (await model.sample({ ...options, ...kept, sampleShape: [count], averaged })) as tf.Tensor4D;
      },
      dispose() {
        model.dispose();
        resizer.dispose();
      },
    };
  },
};

/** What the model refuses, the user can set otherwise. */
function build(config: PixelCnnPlusPlusConfig): PixelCnnPlusPlus {
  try {
    return new PixelCnnPlusPlus(config);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}
