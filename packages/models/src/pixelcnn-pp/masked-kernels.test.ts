import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { expect, it } from 'vitest';
import { PixelCnnPlusPlus } from './pixelcnn-plus-plus.ts';

/** Weights that fixtures/pixelcnn-pp.py has too: sines of their place, gains around 1. */
function setSines(model: PixelCnnPlusPlus): void {
  for (const [name, weight] of Object.entries(model.weights)) {
    const phase = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    const middle = name.endsWith('/gain') ? 1 : 0;
    const sines = Float32Array.from(
      { length: weight.size },
      (_, i) => middle + 0.5 * Math.sin(1 + 0.37 * i + 1.7 * phase),
    );
    tf.tidy(() => weight.assign(tf.tensor(sines, weight.shape)));
  }
}

// Golden: fixtures/pixelcnn-pp.py, the same network of masked kernels in PyTorch, float64. Log-probabilities of two images, and
// what the head puts out for the last pixel of the second.
const GREY = [0.319452, 0.556709, 0.70707, 0.72442, 0.578993, 0.276568];
const COLOURS = [
  [1.100172, 1.886313], // logits
  [2.516398, 2.880318, 2.849782, 2.286373, 1.122292, -0.377004], // locations
  [-1.546105, -2.036208, -2.039075, -1.822727, -1.543955, -1.256167], // raw scales
  [-0.921348, -0.428179, 0.287174, 1.115432, 1.899647, 2.52587], // coefficients
].flat();
it.each([
  ['cpu', 1, [-421.6343, -433.3481], GREY],
  ['wasm', 1, [-421.6343, -433.3481], GREY],
  ['cpu', 3, [-1489.3019, -1502.9878], COLOURS],
  ['wasm', 3, [-1489.3019, -1502.9878], COLOURS],
])('shifted kernels are masked ones: %s, %i channels', async (engine, channels, logProb, lastPixel) => {
  await tf.setBackend(engine);
  const model = new PixelCnnPlusPlus({
    ...{ imageShape: [8, 8, channels], numResnet: 1, numHierarchies: 2, numFilters: 4, numLogisticMix: 2 },
    averageDecay: 0,
  });
  setSines(model);
  const x = tf.tensor(
    Array.from({ length: 2 * 64 * channels }, (_, i) => (89 * i) % 256),
    [2, 8, 8, channels],
  );
  const got = Array.from(model.logProb(x).dataSync());
  got.forEach((lp, i) => {
    expect(Math.abs(lp / logProb[i]! - 1)).toBeLessThan(2e-6);
  });
  const { logits, loc, scale, coefficients } = model.parameters(x);
  const last = (t: tf.Tensor) => Array.from(t.dataSync()).slice(-t.size / 128);
  const parts = [...last(logits), ...last(loc), ...last(scale), ...(channels > 1 ? last(coefficients) : [])];
  expect(parts.length).toBe(lastPixel.length);
  const raw = 2 + 2 * channels; // from here on raw scales
  lastPixel.forEach((value, i) => {
    const isScale = i >= raw && i < raw + 2 * channels;
    const expected = isScale ? Math.log1p(Math.exp(value)) + Math.exp(-7) : value;
    expect(Math.abs(parts[i]! - expected)).toBeLessThan(1e-5);
  });
});
