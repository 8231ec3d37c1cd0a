import { useEngine } from '@proj/backend';
import { uniform } from '@proj/distributions/random';
import { readPng } from '@proj/io';
import type { ImageData } from '@proj/io/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { Session } from '../session.ts';
import { images } from '../tasks/images.ts';
import type { ImageModel } from './image-model.ts';
import { codeMoments } from './latent-walks.ts';
import { parseSettings } from './settings.ts';
import { vae } from './vae.ts';

beforeAll(() => useEngine('wasm'));

const SHAPE = { height: 4, width: 4, channels: 1 };
const create = (set: Record<string, string>) =>
  vae.create(parseSettings(vae, { latent: '3', hidden: '8', components: '4', ...set }), SHAPE, 0);
const value = (t: tf.Tensor) => t.dataSync()[0]!;
const x = () => tf.tensor2d(uniform(5 * 16, 1), [5, 16]);

/** The weight of the KL in the loss of a step, from losses that differ in nothing else. */
function klWeight(model: ImageModel, plain: ImageModel, free: ImageModel, step: number): number {
  const loss = (m: ImageModel) => value(m.loss(x(), 3, step));
  return (loss(model) - loss(free)) / (loss(plain) - loss(free));
}

// By hand: rises over 10 steps to beta, stays for 10; the second cycle is the last.
it.each([
  [
    { warmup: '10', beta: '4' },
    [
      [0, 0],
      [5, 2],
      [10, 4],
      [19, 4],
      [20, 4],
      [1000, 4],
    ],
  ],
  [
    { warmup: '10', cycles: '2' },
    [
      [0, 0],
      [5, 0.5],
      [10, 1],
      [19, 1],
      [20, 0],
      [25, 0.5],
      [30, 1],
      [1000, 1],
    ],
  ],
  [
    { beta: '0.5' },
    [
      [0, 0.5],
      [1000, 0.5],
    ],
  ],
])('%o: the weight of the KL follows the step', (set, golden) => {
  const [model, plain, free] = [create(set as Record<string, string>), create({}), create({ beta: '0' })];
  for (const [step, weight] of golden)
    expect(klWeight(model, plain, free, step!), `step ${step}`).toBeCloseTo(weight!, 3);
});

const bytes = (seed: number) => Uint8Array.from(uniform(40 * 16, seed), (u) => (u > 0.5 ? 255 : Math.floor(u * 100)));
const part = (seed: number) => ({ images: bytes(seed), labels: null, count: 40 });
const data = { name: 'noise', source: 'here', ...SHAPE, train: part(1), validation: part(2), test: part(3) };
const session = (model: ImageModel) =>
  ({
    spec: vae,
    shape: SHAPE,
    model,
    seeds: { init: 0, training: 1, evaluation: 2 },
  }) as unknown as Session<ImageModel>;

it.each([
  [{ likelihood: 'gaussian', scale: '0.3' }],
  [{ likelihood: 'gaussian-learned', layers: '2', activation: 'softplus' }],
  [{ likelihood: 'discretized-logistic', net: 'conv' }],
  [{ prior: 'mixture', reflections: '2' }],
  [{ prior: 'vamp', reflections: '1' }],
  [{ freeBits: '0.1' }],
])('%o: metrics that fit together, samples and pictures', async (set) => {
  const model = create(set as unknown as Record<string, string>);
  const run = session(model);
  images.prepare!(model, data as unknown as ImageData);
  const before = tf.memory().numTensors;
  const metrics = await images.evaluate(run, data as unknown as ImageData, 'test', true);
  expect(Object.keys(metrics)).toEqual(['elbo', 'reconstruction', 'kl', 'iwae', 'activeUnits']);
  expect(metrics.elbo).toBeCloseTo(metrics.reconstruction! - metrics.kl!, 3);
  expect(metrics.iwae).toBeGreaterThan(metrics.elbo! - 0.5); // 5 errors of the mean of 40 draws, spread 0.6
  expect([0, 1, 2, 3]).toContain(metrics.activeUnits);
  expect(Object.keys(await images.evaluate(run, data as unknown as ImageData, 'validation', false))).toHaveLength(3);
  const pictures = await vae.exhibits!(run, data as unknown as ImageData);
  expect(pictures.map(({ file }) => file)).toEqual(['traversals.png', 'interpolations.png']);
  // Tiles of 4x4 with a line between and around, twice as large: 11 columns of 3 dimensions, and of 6 pairs.
  const sizes = pictures.map((picture) => readPng(picture.bytes).shape.slice(0, 2));
  expect(sizes).toEqual([
    [2 * (3 * 5 + 1), 2 * (11 * 5 + 1)],
    [2 * (6 * 5 + 1), 2 * (11 * 5 + 1)],
  ]);
  expect(pictures[0]!.caption).toMatch(/The 3 dimensions of the largest variance, largest first: \d, \d, \d\./);
  expect(tf.memory().numTensors).toBe(before);
});

it('one test image has traversals, and no other to go to', async () => {
  const model = create({});
  const one = { ...data, test: { images: bytes(3).subarray(0, 16), labels: null, count: 1 } };
  const pictures = await vae.exhibits!(session(model), one as unknown as ImageData);
  expect(pictures.map(({ file }) => file)).toEqual(['traversals.png']);
});

it('draws come from the prior of the run, not from N(0, I)', () => {
  const model = create({ prior: 'mixture', components: '1' });
  for (const [name, number] of [
    ['prior/loc', 7],
    ['prior/log-variance', -20],
  ] as const) {
    tf.tidy(() => model.weights[name]!.assign(tf.fill(model.weights[name]!.shape, number)));
  }
  const codes = model.sampleCodes!(20, 0, 1);
  for (const z of codes.dataSync()) expect(Math.abs(z - 7)).toBeLessThan(0.1); // standard deviation e^(-5 tanh 2) = 0.008
});

it('notes say what a figure means', () => {
  const notes = (set: Record<string, string>) => vae.notes(parseSettings(vae, set)).join('\n');
  expect(notes({})).toContain('binarisation: dynamic');
  expect(notes({})).not.toMatch(/prior|weight of the KL/);
  expect(notes({ likelihood: 'gaussian', scale: '0.3' })).toContain('Normal(mean, 0.3)');
  expect(notes({ likelihood: 'discretized-logistic' })).toContain('the probability of all bytes of an image');
  expect(notes({ prior: 'vamp', components: '30' })).toContain('kl from one posterior sample');
  expect(notes({ warmup: '500', cycles: '3' })).toContain('from 0 to beta over 500 steps, 3 time(s)');
});

it('traversals show the dimensions of the largest variance first', async () => {
  // Pixel d of an image is the code's dimension d, and pixels 2, 0 and 1 vary most, less and least.
  const pixels = new Uint8Array(40 * 16);
  for (let i = 0; i < 40; i++) pixels.set([i % 2 ? 100 : 0, i % 2 ? 50 : 0, i % 2 ? 200 : 0], 16 * i);
  const fake = {
    encode: (t: tf.Tensor2D) => tf.slice(t, [0, 0], [t.shape[0], 3]),
    decode: (z: tf.Tensor2D) => tf.zeros([z.shape[0], 16]),
  } as unknown as ImageModel;
  const varied = { ...data, test: { images: pixels, labels: null, count: 40 } };
  const [traversals] = await vae.exhibits!(session(fake), varied as unknown as ImageData);
  expect(traversals!.caption).toContain('largest first: 2, 0, 1.');
});

// By hand: 1, 3, 5 and 2, 2, 2.
it('codeMoments are the mean and standard deviation of each dimension', () => {
  const [first, second] = codeMoments(Float32Array.of(1, 2, 3, 2, 5, 2), 2);
  expect(first!.mean).toBe(3);
  expect(first!.sd).toBeCloseTo(Math.sqrt(8 / 3), 12);
  expect(second).toEqual({ mean: 2, sd: 0 });
});
