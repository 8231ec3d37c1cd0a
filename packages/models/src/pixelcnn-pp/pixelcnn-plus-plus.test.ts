import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { normal, uniform } from '@proj/distributions/random';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PixelCnnPlusPlusConfig } from './config.ts';
import { PixelCnnPlusPlus } from './pixelcnn-plus-plus.ts';

/** The network of the book. */
const BOOK: PixelCnnPlusPlusConfig = {
  imageShape: [32, 32, 1],
  numResnet: 1,
  numHierarchies: 2,
  numFilters: 32,
  numLogisticMix: 5,
  dropout: 0.3,
};

/** A small network that has everything the large one has. */
const SMALL: PixelCnnPlusPlusConfig = {
  imageShape: [8, 8, 1],
  numResnet: 1,
  numHierarchies: 2,
  numFilters: 4,
  numLogisticMix: 2,
  dropout: 0.3,
};

const numbers = (t: tf.Tensor): Float32Array => t.dataSync<'float32'>();

function levels(shape: readonly number[], seed: number, high = 255, low = 0): tf.Tensor {
  const draws = uniform(tf.util.sizeFromShape([...shape]), seed);
  return tf.tensor(
    draws.map((u) => low + Math.floor(u * (high - low + 1))),
    [...shape],
  );
}

/** Every image of `length` numbers from 0 to `high`, one after the other. */
function allImages(length: number, high: number): Float32Array {
  const count = (high + 1) ** length;
  return Float32Array.from({ length: count * length }, (_, i) => {
    const [image, place] = [Math.floor(i / length), i % length];
    return Math.floor(image / (high + 1) ** place) % (high + 1);
  });
}

// Golden: systems.md 5.3; stored by TFP's masked kernels, and of live taps.
it.each([
  ['book', BOOK, 624_990, 353_950],
  ['book, colours', { ...BOOK, imageShape: [32, 32, 3] }, 628_292, 355_844],
  ['default of TFP', { imageShape: [32, 32, 3] }, 94_218_280, 53_657_320],
] as [string, PixelCnnPlusPlusConfig, number, number][])('counts: %s', async (_, config, full, live) => {
  await tf.setBackend('cpu');
  const model = new PixelCnnPlusPlus(config);
  expect(model.countParams()).toBe(live);
  expect(model.fullKernelParams()).toBe(full);
  expect(model.describe().reduce((sum, { params }) => sum + params, 0)).toBe(live);
  model.dispose();
});

describe.each(['cpu', 'wasm'])('on %s', (engine) => {
  beforeEach(async () => {
    expect(await tf.setBackend(engine)).toBe(true);
    tf.engine().startScope();
  });
  afterEach(() => tf.engine().endScope());

  it.each([
    [1, 3, 256],
    [3, 1, 4096],
  ])(
    'before any training the probabilities of all 2x2 images of %i channels from 0 to %i sum to one',
    (channels, high, count) => {
      const model = new PixelCnnPlusPlus({ ...SMALL, imageShape: [2, 2, channels], high, averageDecay: 0 });
      const all = allImages(4 * channels, high);
      const logProb = numbers(model.logProb(tf.tensor(all, [count, 2, 2, channels])));
      const total = logProb.reduce((sum, lp) => sum + Math.exp(lp), 0);
      expect(Math.abs(total - 1)).toBeLessThan(1e-4);
    },
  );
});
