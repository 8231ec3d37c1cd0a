import type { ImageData } from '@proj/io/node';
import { PixelCnn } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { levelImages } from '../tasks/level-images.ts';
import { imageShape } from './image-model.ts';
import { type LevelImageModel, Resizer } from './level-image-model.ts';
import type { ModelSpec } from './spec.ts';

const FILTERS = 128;

const schema = z.object({
  size: z.int().min(1).max(1024).default(16).describe('height and width that images are brought to'),
  levels: z.int().min(2).max(256).default(4).describe('grey levels of a pixel; 256 for bytes'),
  filters: z
    .int()
    .min(2)
    .max(4096)
    .default(128)
    .describe('feature maps; with colours 126, as each colour has its share'),
  blocks: z.int().min(0).max(1000).default(5).describe('residual blocks'),
  stacks: z
    .enum(['single', 'vertical-horizontal'])
    .default('single')
    .describe('two see all pixels above, one has a blind spot'),
});

export const pixelcnn: ModelSpec<ImageData, LevelImageModel> = {
  name: 'pixelcnn',
  task: levelImages,
  summary: 'PixelCNN: each pixel by masked convolutions over those before it (van den Oord et al. 2016)',
  schema,
  defaults: { data: 'digits', epochs: 20, batch: 128, learningRate: 5e-4 },
  monitor: { metric: 'natsPerPixel', mode: 'min' },
  notes: ({ size, levels }) => [
    `images are resized to ${size} x ${size} (bilinear, half-pixel centres, no antialiasing) and cut into levels floor(byte / ${256 / Number(levels)})`,
    'natsPerPixel: -log p(image) over its pixels (and channels), a mean over images',
  ],
  create(settings, shape, seed) {
    const { size, levels, filters: most, blocks, stacks } = schema.parse(settings);
    const from = imageShape(shape);
    const filters = most === FILTERS ? most - (most % (2 * from[2])) : most;
    const model = build({ imageShape: [size, size, from[2]], levels, filters, residualBlocks: blocks, stacks, seed });
    const resizer = new Resizer(from, [size, size]);
    const observe = (x: tf.Tensor) =>
      tf.tidy(() => tf.cast(tf.floor(tf.mul(resizer.apply(x), levels / 256)), 'int32') as tf.Tensor4D);
    return {
      weights: model.weights,
      imageShape: model.config.imageShape,
      levels,
      countParams: () => model.countParams(),
      countLiveParams: () => model.countLiveParams(),
      describe: () => model.describe(),
      observe,
      loss: (x) => tf.tidy(() => model.loss(observe(x as tf.Tensor))),
      metrics: (x) => ({ natsPerPixel: tf.tidy(() => model.natsPerPixel(observe(x))) }),
      draw: (options) => model.sample(options),
      dispose() {
        model.dispose();
        resizer.dispose();
      },
    };
  },
};

/** What the model refuses, the user can set otherwise. */
function build(config: ConstructorParameters<typeof PixelCnn>[0]): PixelCnn {
  try {
    return new PixelCnn(config);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}
