import { useEngine } from '@proj/backend';
import { uniform } from '@proj/distributions/random';
import { PixelCnnPlusPlus, type PixelCnnPlusPlusConfig, type PixelCnnPlusPlusSampleOptions } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';

// packages/models may not know the engines, and packages/backend not the models: they meet here.

const SMALL: PixelCnnPlusPlusConfig = {
  imageShape: [4, 8, 1],
  numResnet: 1,
  numHierarchies: 2,
  numFilters: 4,
  numLogisticMix: 2,
};

/** A network whose pixels hang together strongly: its first weights, fitted to a batch of noise. */
function lively(config: PixelCnnPlusPlusConfig, condition?: tf.Tensor): PixelCnnPlusPlus {
  const model = new PixelCnnPlusPlus({ ...config, seed: 3 });
  const { low, high } = model.config;
  tf.tidy(() => {
    const shape = [16, ...model.eventShape];
    const levels = uniform(tf.util.sizeFromShape(shape), 4).map((u) => low + Math.floor(u * (high - low + 1)));
    model.initialize(tf.tensor(levels, shape), condition && { conditional: condition });
  });
  return model;
}

async function draw(model: PixelCnnPlusPlus, options: PixelCnnPlusPlusSampleOptions): Promise<Float32Array> {
  const drawn = await model.sample(options);
  const levels = (await drawn.data()) as Float32Array;
  drawn.dispose();
  return levels;
}

describe.each(['cpu', 'wasm'] as const)('on %s', (engine) => {
  beforeEach(async () => void (await useEngine(engine)));

  it.each<[string, PixelCnnPlusPlusConfig, Partial<PixelCnnPlusPlusSampleOptions>]>([
    ['grey', SMALL, {}],
    ['colours', { ...SMALL, imageShape: [4, 6, 3] }, {}],
    ['three hierarchies of two layers', { ...SMALL, imageShape: [8, 8, 1], numHierarchies: 3, numResnet: 2 }, {}],
    ['a larger field', { ...SMALL, receptiveFieldDims: [4, 5] }, {}],
    ['relu, no weight normalisation', { ...SMALL, resnetActivation: 'relu', useWeightNorm: false }, {}],
    ['elu, one hierarchy', { ...SMALL, resnetActivation: 'elu', numHierarchies: 1 }, {}],
    ['few levels', { ...SMALL, low: -2, high: 3 }, {}],
    ['averages, cold', SMALL, { averaged: true, temperature: 0.5 }],
    ['no chance', SMALL, { temperature: 0 }],
  ])('both samplers draw the same images: %s', async (_, config, options) => {
    const model = lively(config);
    const before = tf.memory().numTensors;
    for (const seed of [0, 1]) {
      const plain = await draw(model, { sampleShape: [3], seed, ...options, method: 'full' });
      const cached = await draw(model, { sampleShape: [3], seed, ...options, method: 'cached' });
      expect([...cached]).toEqual([...plain]);
      expect(new Set(plain).size).toBeGreaterThan(3);
    }
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('both samplers draw the same images of each condition', async () => {
    const conditions = tf.tensor2d([
      [1, 0],
      [0, 5],
    ]);
    const model = lively({ ...SMALL, conditionalShape: [2] }, tf.tensor1d([1, 0]));
    for (const [conditional, sampleShape] of [
      [conditions, [2, 2]],
      [tf.tensor1d([1, -3]), [3]],
    ] as const) {
      const options = { sampleShape, seed: 0, conditional };
      const plain = await draw(model, { ...options, method: 'full' });
      expect([...(await draw(model, { ...options, method: 'cached' }))]).toEqual([...plain]);
    }
    const both = await draw(model, { sampleShape: [2], seed: 0, conditional: conditions });
    const other = await draw(model, { sampleShape: [2], seed: 0, conditional: tf.tensor1d([1, 0]) });
    expect([...both.subarray(0, 32)]).toEqual([...other.subarray(0, 32)]);
    expect([...both.subarray(32)]).not.toEqual([...other.subarray(32)]);
    model.dispose();
  });

  it('both samplers complete the same images, and keep what is given', async () => {
    const model = lively({ ...SMALL, imageShape: [8, 8, 3] });
    const given = tf.tensor(
      uniform(2 * 192, 7).map((u) => Math.floor(256 * u)),
      [2, 8, 8, 3],
    );
    const mask = tf.tensor(
      uniform(64, 8).map((u) => Number(u < 0.5)),
      [8, 8, 1],
    );
    const options = { sampleShape: [2, 2], seed: 0, given, mask };
    const plain = await draw(model, { ...options, method: 'full' });
    const cached = await draw(model, { ...options, method: 'cached' });
    expect([...cached]).toEqual([...plain]);
    const [images, known] = [given.dataSync(), mask.dataSync()];
    plain.forEach((level, i) => {
      if (known[Math.floor(i / 3) % 64] !== 0) expect(level).toBe(images[i % 384]);
    });
    model.dispose();
  });
});

it('time grows no faster than the pixels', async () => {
  await useEngine('wasm');
  // Processor time, which other programs move less than the clock; the least of some rounds, to which a busy machine only adds.
  const models = [16, 64].map(
    (side) => new PixelCnnPlusPlus({ ...SMALL, imageShape: [side, side, 1], numFilters: 16 }),
  );
  const seconds = async (model: PixelCnnPlusPlus) => {
    const before = process.cpuUsage();
    await draw(model, { seed: 0 });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const slope = () => Math.log(least[1]! / least[0]!) / Math.log(16);
  for (let round = 0; round < 8 && !(slope() < 1.05); round++) {
    for (const [i, model] of models.entries()) least[i] = Math.min(least[i]!, await seconds(model));
  }
  expect(slope()).toBeLessThan(1.1);
});
