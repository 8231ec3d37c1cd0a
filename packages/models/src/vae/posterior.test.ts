import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardNormal, standardUniform } from '@proj/distributions';
import { expect, it } from 'vitest';
import { rawLogVariance, setWeights } from '../fixtures/training.ts';
import type { VaeConfig } from './config.ts';
import { Vae } from './vae.ts';

const tiny = (config: VaeConfig = {}) => new Vae({ latent: 3, hidden: 8, imageShape: [2, 3, 1], seed: 2, ...config });
const images = (count: number) => tf.tidy(() => tf.round(standardUniform([count, 6], 7)) as tf.Tensor2D);
const value = (t: tf.Tensor) => t.dataSync()[0]!;
const close = (a: tf.Tensor, b: tf.Tensor, within: number) =>
  expect(value(tf.max(tf.abs(tf.sub(a, b))))).toBeLessThan(within);

it('reflections leave the KL to N(0, I), and turn the code', () => {
  const [plain, turned] = [tiny(), tiny({ reflections: 3 })];
  const x = images(5);
  expect(turned.elbo(x, 1).kl.arraySync()).toEqual(plain.elbo(x, 1).kl.arraySync()); // the other weights are the same
  const [a, b] = [plain.posterior(x).sample({ seed: 1 }), turned.posterior(x).sample({ seed: 1 })];
  close(tf.norm(a, 2, 1), tf.norm(b, 2, 1), 1e-5);
  expect(value(tf.max(tf.abs(tf.sub(a, b))))).toBeGreaterThan(0.1);
});

it('with reflections iwae of one sample is the elbo on average, and its exact kl that of draws', () => {
  const vae = tiny({ reflections: 2 });
  setWeights(vae, { 'decoder/output/kernel': 0 }); // log p(x | z) = -6 log 2: what is left is the kl
  const x = tf.tile(tf.slice(images(1), [0, 0], [1, 6]), [50_000, 1]);
  const { mean, variance } = tf.moments(vae.iwae(x, 1, 3));
  const { kl } = vae.elbo(tf.slice(x, [0, 0], [1, 6]), 0);
  const error = Math.sqrt(value(variance) / 50_000);
  expect(Math.abs(-6 * Math.LN2 - value(mean) - value(kl))).toBeLessThan(3 * error);
});

it('encode and reconstruct take the mean after the reflections', () => {
  const vae = tiny({ reflections: 2 });
  const x = images(4);
  const { loc, scale } = vae.encode(x);
  const draws = vae.posterior(x).sample({ sampleShape: [20_000], seed: 0 });
  const { mean, variance } = tf.moments(draws, 0);
  close(tf.div(tf.sub(mean, loc), scale), tf.zeros([4, 3]), 5 / Math.sqrt(20_000));
  close(tf.div(variance, tf.square(scale)), tf.ones([4, 3]), 5 * Math.sqrt(2 / 20_000));
  close(vae.reconstruct(x), vae.decode(loc), 1e-6);
});

/** A posterior that is the same whatever the image. */
const fix = (vae: Vae, loc: number[], variance: number[]) =>
  setWeights(vae, {
    'encoder/loc/kernel': 0,
    'encoder/loc/bias': loc,
    'encoder/log-variance/kernel': 0,
    'encoder/log-variance/bias': variance.map((v) => rawLogVariance(Math.log(v))),
  });

// Closed form: KLs of (mean .5, variance 1/e), (0, 1) and (1, 1/4): .3089397, 0 and .8181472.
it.each([
  [0, 1, 0.3089397 + 0.8181472],
  [0.1, 1, 0.3089397 + 0.1 + 0.8181472],
  [0.5, 1, 0.5 + 0.5 + 0.8181472],
  [2, 3, 3 * 6],
])('free bits %d with beta %d cost %d nats, in the loss alone', (freeBits, beta, cost) => {
  const vae = tiny({ freeBits, beta });
  fix(vae, [0.5, 0, 1], [Math.exp(-1), 1, 0.25]);
  const x = images(4);
  const { elbo, reconstruction, kl } = vae.elbo(x, 3);
  expect(value(vae.loss(x, 3))).toBeCloseTo(cost - value(tf.mean(reconstruction)), 4);
  expect(value(kl)).toBeCloseTo(0.3089397 + 0.8181472, 5);
  expect(value(elbo)).toBeCloseTo(value(reconstruction) - 0.3089397 - 0.8181472, 4);
});

it('free bits compare the mean of the batch, not each image', () => {
  const vae = tiny({ freeBits: 0.2, latent: 2 });
  const x = images(6);
  const { loc, scale } = vae.encode(x);
  const [m, s] = [loc.arraySync(), scale.arraySync()];
  const each = m.map((row, b) => row.map((v, j) => 0.5 * (s[b]![j]! ** 2 + v ** 2 - 1) - Math.log(s[b]![j]!)));
  const means = [0, 1].map((j) => each.reduce((sum, row) => sum + row[j]!, 0) / each.length);
  const cost = means.reduce((sum, mean) => sum + Math.max(mean, 0.2), 0);
  const perImage = each.flat().reduce((sum, kl) => sum + Math.max(kl, 0.2), 0) / each.length;
  expect(Math.abs(cost - perImage)).toBeGreaterThan(1e-3); // the images tell the two apart
  const reconstruction = value(tf.mean(vae.elbo(x, 0).reconstruction));
  expect(value(vae.loss(x, 0))).toBeCloseTo(cost - reconstruction, 4);
});

it('free bits give no gradient to the KL of a dimension that costs less', () => {
  const vae = tiny({ freeBits: 0.2 });
  fix(vae, [0.5, 0.1, 1], [1, 1, 1]); // KLs .125, .005, .5
  setWeights(vae, { 'decoder/hidden/kernel': 0 }); // nothing but the KL reaches the encoder
  const bias = vae.weights['encoder/loc/bias']!;
  const { grads } = tf.variableGrads(() => vae.loss(images(4), 0), [bias]);
  const gradient = grads[bias.name]!.arraySync() as number[];
  expect(gradient[0]).toBe(0);
  expect(gradient[1]).toBe(0);
  expect(gradient[2]).toBeCloseTo(1, 5); // d (m^2 / 2) / d m
});

it('latentVariance is the variance of the mean codes; activeUnits counts those above 0.01', () => {
  // One pixel x, two linear units that hand it on: means x, 0.2 x and 0.05 x, of variance 1/12, 0.0033 and 0.0002.
  const vae = new Vae({ latent: 3, hidden: 1, activation: 'linear', imageShape: [1, 1, 1] });
  setWeights(vae, { 'encoder/hidden/kernel': 1, 'encoder/loc/kernel': [1, 0.2, 0.05], 'encoder/loc/bias': [5, 0, 0] });
  const pixels = Array.from({ length: 9001 }, (_, i) => i / 9000); // more than are encoded at once
  const x = tf.tensor2d(pixels, [9001, 1]);
  const variance = vae.latentVariance(x).arraySync();
  [1, 0.04, 0.0025].forEach((square, j) => {
    expect(variance[j]! / (square / 12)).toBeCloseTo(1, 3); // of U(0, 1): 1 / 12
  });
  expect(value(vae.activeUnits(x))).toBe(1);
  setWeights(vae, { 'encoder/loc/kernel': [1, 0.4, -2] });
  expect(value(vae.activeUnits(x))).toBe(3);
  expect(value(vae.activeUnits(tf.ones([5, 1])))).toBe(0); // one image says nothing
});

it('active units with reflections are those of the code that the decoder reads', () => {
  const vae = tiny({ reflections: 1 });
  const x = images(20);
  close(vae.latentVariance(x), tf.moments(vae.encode(x).loc, 0).variance, 1e-6);
});

it('calls leave their results alone', () => {
  const vae = tiny({ reflections: 2, freeBits: 0.1 });
  const x = images(4);
  const before = tf.memory().numTensors;
  const { value: loss, grads } = tf.variableGrads(() => vae.loss(x, 0), Object.values(vae.weights));
  tf.dispose([loss, grads, vae.encode(x), Object.values(vae.elbo(x, 0)), vae.iwae(x, 3, 0), vae.reconstruct(x)]);
  tf.dispose([vae.latentVariance(x), vae.activeUnits(x), vae.sample(2, 0)]);
  tf.tidy(() => void vae.posterior(x));
  expect(tf.memory().numTensors).toBe(before);
  const z = standardNormal([2, 3], 0);
  tf.dispose([z, vae.decode(z)]);
  expect(tf.memory().numTensors).toBe(before);
});
