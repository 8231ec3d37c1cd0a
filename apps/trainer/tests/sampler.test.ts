import { useEngine, type WasmBuild } from '@proj/backend';
import { PixelCnn, type PixelCnnConfig } from '@proj/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { beforeAll, describe, expect, it } from 'vitest';

const fusedRuns = Number.parseInt(process.versions.node, 10) >= 22; // relaxed SIMD
const PLACES: [string, () => Promise<unknown>][] = [
  ['cpu', () => useEngine('cpu')],
  ...(['plain', 'fused'] as WasmBuild[])
    .filter((wasmBuild) => wasmBuild === 'plain' || fusedRuns)
    .map(
      (wasmBuild) => [`wasm, ${wasmBuild}`, () => useEngine('wasm', { wasmBuild })] as [string, () => Promise<unknown>],
    ),
];

const MODELS: Record<string, PixelCnnConfig> = {
  single: { imageShape: [5, 6, 1], levels: 4, filters: 8, residualBlocks: 2 },
  'ten images wide': { imageShape: [9, 9, 1], levels: 3, filters: 20, residualBlocks: 1 },
  colours: { imageShape: [4, 3, 3], levels: 3, filters: 12, residualBlocks: 2 },
  'two stacks': { imageShape: [6, 7, 1], levels: 5, filters: 10, residualBlocks: 2, stacks: 'vertical-horizontal' },
  'two stacks, colours': {
    imageShape: [5, 4, 2],
    levels: 2,
    filters: 8,
    residualBlocks: 1,
    stacks: 'vertical-horizontal',
  },
  classes: { imageShape: [4, 4, 1], levels: 4, filters: 8, residualBlocks: 1, classes: 3 },
};

/** Weights large enough that pixels depend on each other, biases too. */
function stir(model: PixelCnn): void {
  Object.values(model.weights).forEach((weight, i) => {
    tf.tidy(() =>
      weight.assign(tf.add(tf.mul(weight, 2), tf.randomUniform(weight.shape, -0.3, 0.3, 'float32', 7 + i))),
    );
  });
}

describe.each(PLACES)('%s', (_, start) => {
  beforeAll(start);

  it.each(Object.entries(MODELS))('cached and full samplers draw the same images: %s', async (name, config) => {
    const model = new PixelCnn({ ...config, seed: 3 });
    stir(model);
    const count = name === 'ten images wide' ? 10 : 3;
    const labels = config.classes ? { labels: [0, 2, 1] } : {};
    for (const temperature of [1, 0.5, 0]) {
      const options = { count, temperature, seed: 5, ...labels };
      const [cached, full] = [
        await model.sample({ ...options, method: 'cached' }),
        await model.sample({ ...options, method: 'full' }),
      ];
      expect(Array.from(cached.dataSync())).toEqual(Array.from(full.dataSync()));
      if (temperature === 1) expect(new Set(cached.dataSync()).size).toBeGreaterThan(1);
      tf.dispose([cached, full]);
    }
    model.dispose();
  });

  it('is causal bit for bit on this engine too, at the sizes of the book', () => {
    const model = new PixelCnn({ filters: 32 });
    stir(model);
    tf.tidy(() => {
      const places = [0, 7, 100, 135, 254];
      const base = tf.floor(tf.randomUniform([1, 16, 16, 1], 0, 4, 'float32', 1)).dataSync();
      const images = new Float32Array((1 + places.length) * 256);
      for (let i = 0; i <= places.length; i++) images.set(base, i * 256);
      places.forEach((place, i) => {
        images[(1 + i) * 256 + place] = (base[place]! + 1) % 4;
      });
      const logits = model.logits(tf.tensor4d(images, [1 + places.length, 16, 16, 1])).dataSync();
      places.forEach((place, i) => {
        const changed = logits.slice((1 + i) * 1024, (2 + i) * 1024);
        const upTo = 4 * (place + 1);
        expect(changed.slice(0, upTo)).toEqual(logits.slice(0, upTo));
        expect(changed.slice(upTo)).not.toEqual(logits.slice(upTo, 1024));
      });
    });
    model.dispose();
  });

  it('completes images alike by both samplers, given as integers', async () => {
    const model = new PixelCnn({ ...MODELS.single, seed: 3 });
    stir(model);
    const given = tf.cast(tf.floor(tf.randomUniform([2, 5, 6, 1], 0, 4, 'float32', 2)), 'int32');
    const mask = tf.cast(tf.greater(tf.randomUniform([2, 5, 6, 1], 0, 1, 'float32', 3), 0.5), 'float32');
    const before = tf.memory().numTensors;
    const draw = (method: 'cached' | 'full') => model.sample({ given, mask, seed: 1, method });
    const [cached, full] = [await draw('cached'), await draw('full')];
    expect(Array.from(cached.dataSync())).toEqual(Array.from(full.dataSync()));
    const kept = tf.tidy(() => tf.max(tf.abs(tf.mul(tf.sub(cached, given), mask))).dataSync()[0]);
    expect(kept).toBe(0);
    tf.dispose([cached, full]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([given, mask]);
    model.dispose();
  });
});
