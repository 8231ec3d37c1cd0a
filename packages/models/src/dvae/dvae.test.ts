import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { Categorical, standardUniform } from '@proj/distributions';
import { expect, it } from 'vitest';
import { rawLogVariance, setWeights, train } from '../fixtures/training.ts';
import { Vae } from '../vae/vae.ts';
import { denoisingError } from './denoising-error.ts';
import { Dvae, type DvaeConfig } from './dvae.ts';
import { mixtureBound } from './mixture-bound.ts';

const TINY = { latent: 2, hidden: 8, imageShape: [2, 3, 1] } as const;
const tiny = (config: DvaeConfig = {}) => new Dvae({ ...TINY, ...config });
const images = (count: number, pixels = 6) =>
  tf.tidy(() => tf.round(standardUniform([count, pixels], 7)) as tf.Tensor2D);
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const value = (t: tf.Tensor) => numbers(t)[0]!;
const moments = (t: tf.Tensor) => {
  const values = numbers(t);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
};

// Golden: 784-200-200-(50, 50), 50-200-784 (systems.md 7.2).
it('stores 385,084 parameters', () => {
  const dvae = new Dvae();
  expect(dvae.countParams()).toBe(385_084);
  expect(dvae.describe().map(({ outputShape }) => outputShape[1])).toEqual([200, 200, 50, 50, 200, 784]);
  expect(dvae.config.activation).toBe('softplus');
  expect(dvae.corruption).toEqual({ noise: 'salt-pepper', level: 0.05 });
  dvae.dispose();
});

// systems.md 7.5.
it.each(['salt-pepper', 'mask', 'gaussian'] as const)('without corruption it is the Vae bit for bit, %s', (noise) => {
  const dvae = tiny({ noise, level: 0 });
  const vae = new Vae({ ...TINY, layers: 2, decoderLayers: 1, activation: 'softplus' });
  const x = images(5);
  const step = (model: Vae) => {
    const { value: loss, grads } = tf.variableGrads(() => model.loss(x, 3), Object.values(model.weights));
    return [numbers(loss), ...Object.values(model.weights).map((w) => numbers(grads[w.name]!))];
  };
  expect(step(dvae)).toEqual(step(vae));
  expect(numbers(dvae.dvaeBound(x, 3).elbo)).toEqual(numbers(vae.elbo(x, 3).elbo));
});

it('the encoder sees the corrupted image, the clean one is scored', () => {
  const dvae = tiny({ noise: 'mask', level: 1 });
  const x = images(5);
  const black = tf.zerosLike(x);
  const { elbo, reconstruction, kl } = dvae.dvaeBound(x, 3);
  expect(value(dvae.loss(x, 3))).toBeCloseTo(-value(tf.mean(elbo)), 5);
  // Noise makes all images one: the divergence is that of black, the score still that of each.
  const expected = dvae.elbo(x, 3, { input: black });
  expect(numbers(kl)).toEqual(numbers(expected.kl));
  expect(numbers(reconstruction)).toEqual(numbers(expected.reconstruction));
  expect(numbers(reconstruction)).not.toEqual(numbers(dvae.dvaeBound(black, 3).reconstruction));
  expect(numbers(dvae.elbo(x, 3).kl)).not.toEqual(numbers(kl)); // elbo looks at clean images
});

it('beta and an input can be given to the loss', () => {
  const dvae = tiny({ level: 0.5 });
  const x = images(5);
  const { reconstruction, kl } = dvae.dvaeBound(x, 3);
  expect(value(dvae.loss(x, 3, { beta: 4 }))).toBeCloseTo(4 * value(tf.mean(kl)) - value(tf.mean(reconstruction)), 5);
  expect(value(dvae.loss(x, 3, { input: x }))).toBeCloseTo(-value(tf.mean(dvae.elbo(x, 3).elbo)), 5);
});

it('is a model for fit of @proj/training, which tells the loss its step', () => {
  const dvae = tiny({ level: 0.5 });
  const model: { loss(x: tf.Tensor, seed: number, step: number): tf.Scalar } = dvae;
  expect(value(model.loss(images(5), 3, 1000))).toBe(value(dvae.loss(images(5), 3)));
});

it('corrupts each step anew, and each pixel at its rate', () => {
  const dvae = tiny({ noise: 'mask', level: 0.25 });
  const ones = tf.ones([10_000, 6]);
  const { mean, error } = moments(dvae.corrupt(ones, 1));
  expect(Math.abs(mean - 0.75)).toBeLessThan(5 * error);
  expect(numbers(dvae.corrupt(ones, 1))).not.toEqual(numbers(dvae.corrupt(ones, 2)));
});

// p(x, z) = .12, .28 and two corruptions, equally likely, with q(z = 0) = .9 and .2: systems.md 7.5. In plain float64 first.
const JOINT = [0.12, 0.28];
const Q = [
  [0.9, 0.1],
  [0.2, 0.8],
];
const elboOf = (q: number[]) => q.reduce((sum, p, z) => sum + p * Math.log(JOINT[z]! / p), 0);
const GOLDEN = { logP: -0.916291, mixture: -1.050841, dvae: -1.326237, information: 0.275396 };

it('enumerated: log p >= ELBO of the mixture >= denoising bound, and their gap is the mutual information', () => {
  const marginal = [0, 1].map((z) => (Q[0]![z]! + Q[1]![z]!) / 2);
  const [dvae, mixture] = [(elboOf(Q[0]!) + elboOf(Q[1]!)) / 2, elboOf(marginal)];
  const information = Q.flatMap((q) => q.map((p, z) => 0.5 * p * Math.log(p / marginal[z]!))).reduce((a, b) => a + b);
  expect(Math.log(JOINT[0]! + JOINT[1]!)).toBeCloseTo(GOLDEN.logP, 6);
  expect(mixture).toBeCloseTo(GOLDEN.mixture, 6);
  expect(dvae).toBeCloseTo(GOLDEN.dvae, 6);
  expect(information).toBeCloseTo(GOLDEN.information, 6);
  expect(mixture - dvae).toBeCloseTo(information, 12);
});

it('drawn bounds have the enumerated means', () => {
  const n = 20_000;
  const logits = tf.log(tf.tensor2d(Q)); // [2, K]
  const posteriors = new Categorical(tf.reshape(tf.tile(tf.expandDims(logits, 1), [1, n, 1]), [2 * n, 2]));
  const logJoint = (z: tf.Tensor) => tf.gather(tf.log(tf.tensor1d(JOINT)), tf.cast(z, 'int32'));
  const mixture = moments(mixtureBound(posteriors, 2, logJoint, 1));
  expect(mixture.error).toBeLessThan(0.01);
  expect(Math.abs(mixture.mean - GOLDEN.mixture)).toBeLessThan(5 * mixture.error);
  const dvae = moments(mixtureBound(posteriors, 1, logJoint, 1)); // 2 n images with one corruption each
  expect(Math.abs(dvae.mean - GOLDEN.dvae)).toBeLessThan(5 * dvae.error);
});

// p(z) = N(0, 1), p(x | z) = N(z, 1), x = 1: the posterior is N(.5, .5). Noise of deviation s on x, and q(z | x~) = N(x~ / 2, .5). Then
// E KL(q(z | x~) || p(z | x)) = s^2 / 4, and q~ = N(.5, .5 + s^2 / 4) has KL (s^2 / 2 - log(1 + s^2 / 2)) / 2. Closed forms, s = 2.
it('the bounds of a linear Gaussian model: dvae < mixtures of more and more < log p(x)', () => {
  const dvae = new Dvae({
    ...{ latent: 1, hidden: 1, layers: 1, decoderLayers: 1, imageShape: [1, 1, 1], activation: 'linear' },
    ...{ likelihood: 'gaussian', noise: 'gaussian', level: 2 },
  });
  setWeights(dvae, {
    ...{ 'encoder/hidden/kernel': 1, 'encoder/loc/kernel': 0.5, 'encoder/log-variance/kernel': 0 },
    ...{
      'encoder/log-variance/bias': rawLogVariance(Math.log(0.5)),
      'decoder/hidden/kernel': 1,
      'decoder/output/kernel': 1,
    },
  });
  const evidence = -1.515512; // of x = 1 under N(0, 2)
  const [low, high] = [evidence - 1, evidence - (2 - Math.log(3)) / 2];
  const many = tf.ones([20_000, 1]);
  const bound = moments(dvae.dvaeBound(many, 0).elbo);
  expect(Math.abs(bound.mean - low)).toBeLessThan(5 * bound.error);
  const one = moments(dvae.mixtureBound(many, 1, 0));
  expect(Math.abs(one.mean - low)).toBeLessThan(5 * one.error);
  const [four, lots] = [moments(dvae.mixtureBound(many, 4, 0)), moments(dvae.mixtureBound(tf.ones([1500, 1]), 64, 0))];
  expect(four.mean - one.mean).toBeGreaterThan(5 * Math.hypot(four.error, one.error));
  expect(lots.mean - four.mean).toBeGreaterThan(5 * Math.hypot(lots.error, four.error));
  expect(lots.mean).toBeLessThan(high + 5 * lots.error);
  expect(lots.mean).toBeGreaterThan(high - 0.05); // 64 corruptions are nearly all
  expect(Math.abs(moments(dvae.elbo(many, 0).elbo).mean - evidence)).toBeLessThan(0.05); // with the clean image q is exact
});

/** log p(x) by a sum over a fine grid of codes of two dimensions, [-7, 7]^2 in steps of 0.1. */
const logEvidence = (dvae: Dvae, x: number[]) =>
  tf.tidy(() => {
    const axis = tf.linspace(-7, 7, 141);
    const z = tf.stack(
      tf.meshgrid(axis, axis).map((t) => tf.reshape(t, [-1])),
      1,
    );
    const logJoint = tf.add(dvae.logLikelihood(tf.tile(tf.tensor2d([x]), [z.shape[0], 1]), z), dvae.prior.logProb(z));
    return value(tf.logSumExp(logJoint)) + 2 * Math.log(0.1);
  });

it('also of a Bernoulli model that has been trained on noise, with five corruptions of each image', () => {
  const dvae = tiny({ noise: 'salt-pepper', level: 0.5, hidden: 16, seed: 2 });
  const two = [
    [1, 1, 1, 0, 0, 0],
    [0, 0, 0, 1, 1, 1],
  ];
  train(dvae, () => tf.tile(tf.tensor2d(two), [8, 1]), { steps: 150, rate: 0.02 });
  const many = tf.tile(tf.tensor2d(two), [12000, 1]);
  const [lower, upper] = [moments(dvae.dvaeBound(many, 1).elbo), moments(dvae.mixtureBound(many, 5, 2))];
  expect(lower.mean + 5 * Math.hypot(lower.error, upper.error)).toBeLessThan(upper.mean);
  const evidence = two.map((x) => logEvidence(dvae, x));
  expect(upper.mean + 5 * upper.error).toBeLessThan((evidence[0]! + evidence[1]!) / 2);
});

// systems.md 7.5, on four pictures; both are judged on the same noise. Single seeds differ by more than their pixels say.
it('trained on noise it removes noise better than the Vae does, mean of three seeds', () => {
  const rows = ['1111111100000000', '0000000011111111', '1100110011001100', '0011001100110011'];
  const pictures = tf.tensor2d(rows.map((row) => Array.from(row, Number)));
  const many = tf.tile(pictures, [250, 1]) as tf.Tensor2D;
  const noise = { noise: 'salt-pepper', level: 0.2 } as const;
  const errors = [1, 2, 3].map((seed) => {
    const config = { latent: 2, hidden: 16, imageShape: [4, 4, 1], seed } as const;
    const vae = new Vae({ ...config, layers: 2, decoderLayers: 1, activation: 'softplus' });
    return [new Dvae({ ...config, ...noise }), vae].map((model) => {
      train(model, () => tf.tile(pictures, [8, 1]), { steps: 200, rate: 0.01 });
      return value(tf.mean(denoisingError(model, many, noise, 5)));
    });
  });
  const [ours, plain] = [0, 1].map((i) => errors.reduce((sum, pair) => sum + pair[i]! / 3, 0));
  expect(ours).toBeLessThan(0.9 * plain!);
});

it('100 steps add no tensor, calls leave only their results, dispose leaves nothing', () => {
  const start = tf.memory().numTensors;
  const dvae = tiny();
  const x = images(4);
  const optimizer = tf.train.sgd(0.01);
  const step = (seed: number) => optimizer.minimize(() => dvae.loss(x, seed), false, Object.values(dvae.weights));
  step(0);
  const before = tf.memory().numTensors;
  for (let seed = 1; seed <= 100; seed++) step(seed);
  expect(tf.memory().numTensors).toBe(before);
  const { elbo, reconstruction, kl } = dvae.dvaeBound(x, 0);
  const rest = [dvae.loss(x, 0), dvae.mixtureBound(x, 3, 0), dvae.corrupt(x, 0), dvae.iwae(x, 5, 0)];
  expect(tf.memory().numTensors).toBe(before + 7);
  tf.dispose([elbo, reconstruction, kl, rest]);
  dvae.dispose();
  optimizer.dispose();
  x.dispose();
  expect(tf.memory().numTensors).toBe(start);
});

it('refuses what does not fit, and leaves no tensor', () => {
  const before = tf.memory().numTensors;
  const make = (config: object) => () => new Dvae(config);
  expect(make({ level: 2 })).toThrow('Dvae: level of salt-pepper noise must be a probability, from 0 to 1, got 2.');
  expect(make({ noise: 'salt' })).toThrow('Dvae: noise must be one of salt-pepper, mask, gaussian, got salt.');
  expect(make({ latent: 0 })).toThrow('latent must be a positive integer, got 0');
  expect(tf.memory().numTensors).toBe(before);
  const dvae = tiny();
  for (const call of [
    () => dvae.corrupt(tf.zeros([2, 3]), 0),
    () => dvae.loss(tf.zeros([2, 3]), 0),
    () => dvae.dvaeBound(tf.zeros([2, 3]), 0),
    () => dvae.mixtureBound(tf.zeros([2, 3]), 2, 0),
  ]) {
    expect(call).toThrow(/x must be \[B, 6\] with B at least 1, got \[2, 3\]/);
  }
  expect(() => dvae.mixtureBound(images(2), 0, 0)).toThrow('Dvae.mixtureBound: m must be a positive integer, got 0.');
  expect(() => dvae.loss(images(2), -1)).toThrow('Dvae.loss: seed must be a non-negative safe integer, got -1.');
});
