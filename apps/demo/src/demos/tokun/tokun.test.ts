import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { useEngine } from '@proj/backend';
import { normal } from '@proj/distributions/random';
import { randomCodePoints, writeSafetensors } from '@proj/io';
import { decodeUtf32 } from '@proj/tokun';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { config, TokunDemo } from './tokun.ts';

const file = fileURLToPath(new URL('weights/tokun.safetensors', import.meta.url));
const text = 'Hello, мир! Γειά σου, مرحبا, नमस्ते, 你好, こんにちは, 안녕하세요, xin chào 🌍';

let demo: TokunDemo;

beforeAll(async () => {
  await useEngine('wasm');
  demo = new TokunDemo(readFileSync(file));
  return () => demo.dispose();
});

it('the weights are a small download', () => {
  expect(statSync(file).size).toBeLessThan(210_000);
  expect(demo.params).toBe(100_736);
});

it('shows bytes, vectors and places of a text, and reads it back', async () => {
  const shown = await demo.show({ text, sigma: 0, seed: 0 });
  const tokens = Math.ceil(Array.from(text).length / 4);
  expect(shown.bytes).toHaveLength(16 * tokens);
  expect(shown.vectors).toHaveLength(config.dim * tokens);
  expect(shown.points).toHaveLength(2 * tokens);
  expect(shown.decoded).toEqual(shown.bytes);
  expect(shown.noisyPoints).toEqual(shown.points);
  expect(shown.accuracy).toBe(1);
  expect(shown.shares[0]).toBeGreaterThan(shown.shares[1]);
  expect(shown.shares[0] + shown.shares[1]).toBeLessThan(1);
  expect(Math.max(...shown.points)).toBeGreaterThan(1);
});

it('vectors are standardised: those of random code points have mean 0 and deviation 1', async () => {
  const { vectors } = await demo.show({
    text: randomCodePoints({ count: 8192, planes: 1, seed: 5 }),
    sigma: 0,
    seed: 0,
  });
  const tokens = vectors.length / config.dim;
  for (let j = 0; j < config.dim; j++) {
    const values = Array.from({ length: tokens }, (_, i) => vectors[i * config.dim + j]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / tokens;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / tokens;
    // Both samples have 2,048 tokens: 6 standard errors of the difference of the means; deviations of long tails within a quarter.
    expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(2 / tokens));
    expect(Math.abs(Math.sqrt(variance) - 1)).toBeLessThan(0.25);
  }
});

it('noise is normal with deviation sigma, its own for every token, and the same for the same seed', async () => {
  const clean = await demo.show({ text, sigma: 0, seed: 1 });
  const noisy = await demo.show({ text, sigma: 0.5, seed: 1 });
  const noise = noisy.vectors.map((value, i) => (value - clean.vectors[i]!) / 0.5);
  const variance = noise.reduce((sum, value) => sum + value * value, 0) / noise.length;
  expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / noise.length));
  expect(noise.slice(0, 64)).not.toEqual(noise.slice(64, 128));
  expect(noisy.points).toEqual(clean.points); // the plane is that of the vectors without it
  expect(noisy.noisyPoints).not.toEqual(clean.points);
  expect(await demo.show({ text, sigma: 0.5, seed: 1 })).toMatchObject({ vectors: noisy.vectors });
  expect((await demo.show({ text, sigma: 0.5, seed: 2 })).vectors).not.toEqual(noisy.vectors);
  const shorter = await demo.show({ text: Array.from(text).slice(0, 8).join(''), sigma: 0.5, seed: 1 });
  shorter.vectors.forEach((value, i) => {
    expect(value).toBeCloseTo(noisy.vectors[i]!, 4); // what follows changes nothing
  });
});

it('much noise makes the text unreadable, and the accuracy says so', async () => {
  const { decoded, bytes, accuracy } = await demo.show({ text, sigma: 4, seed: 3 });
  expect(decoded).not.toEqual(bytes);
  const [original, other] = [Array.from(text), Array.from(decodeUtf32(decoded))];
  const right = original.filter((character, i) => character === other[i]).length;
  expect(accuracy).toBeLessThan(0.2);
  expect(accuracy).toBeLessThanOrEqual(right / original.length); // over the longer: padding that became letters counts
});

it('takes the empty text, and any string', async () => {
  expect(await demo.show({ text: '', sigma: 1, seed: 0 })).toMatchObject({ accuracy: 1, bytes: new Uint8Array() });
  expect((await demo.show({ text: 'x', sigma: 0, seed: 0 })).accuracy).toBe(1);
  expect((await demo.show({ text: '\ud800 \0 \n', sigma: 0, seed: 0 })).accuracy).toBe(1);
});

it('leaves no tensors behind', async () => {
  const before = tf.memory().numTensors;
  await demo.show({ text, sigma: 0.3, seed: 0 });
  expect(tf.memory().numTensors).toBe(before);
  new TokunDemo(readFileSync(file)).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses other weights', () => {
  const { numTensors } = tf.memory();
  expect(() => new TokunDemo(new Uint8Array(3))).toThrow('tokun.safetensors');
  expect(() => new TokunDemo(writeSafetensors({ a: { shape: [2], data: normal(2, 0) } }))).toThrow(RangeError);
  expect(tf.memory().numTensors).toBe(numTensors);
});

// The whole of Unicode, and whole texts: weights.long.test.ts.
it('is right on code points of all planes', async () => {
  const points = randomCodePoints({ count: 8192, seed: 99 });
  expect((await demo.show({ text: points, sigma: 0, seed: 0 })).accuracy).toBeGreaterThan(0.999);
});
