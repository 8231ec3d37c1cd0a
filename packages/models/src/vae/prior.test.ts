import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardNormal, standardUniform } from '@proj/distributions';
import { describe, expect, it } from 'vitest';
import { rawLogVariance, setWeights, train } from '../fixtures/training.ts';
import type { VaeConfig } from './config.ts';
import { Vae } from './vae.ts';

const tiny = (config: VaeConfig = {}) =>
  new Vae({ latent: 2, hidden: 8, imageShape: [2, 3, 1], components: 3, seed: 2, ...config });
const images = (count: number) => tf.tidy(() => tf.round(standardUniform([count, 6], 7)) as tf.Tensor2D);
const value = (t: tf.Tensor) => t.dataSync()[0]!;
const LOG_2PI = Math.log(2 * Math.PI);
const logNormal = (z: number[], loc: number[], scale: number[]) =>
  z.reduce((sum, v, j) => sum - 0.5 * (((v - loc[j]!) / scale[j]!) ** 2 + LOG_2PI) - Math.log(scale[j]!), 0);
const logSumExp = (terms: number[]) => {
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, t) => sum + Math.exp(t - most), 0));
};
const near = (got: number, expected: number, relative = 1e-5) =>
  expect(Math.abs(got - expected)).toBeLessThan(relative * (1 + Math.abs(expected)));
const z = () => tf.mul(standardNormal([5, 2], 1), 2) as tf.Tensor2D;

const MIXTURE = {
  'prior/logits': [0, 1, -2],
  'prior/loc': [-2, 0, 3, 1, 0.5, 0.5],
  'prior/log-variance': [0, 1, -1, 0.5, -3, 14], // 14 meets the bound
};

it("'normal' is N(0, I)", () => {
  const vae = tiny();
  const got = vae.prior.logProb(z()).arraySync() as number[];
  z()
    .arraySync()
    .forEach((row, i) => {
      near(got[i]!, logNormal(row, [0, 0], [1, 1]));
    });
});

// Closed form, in float64.
it("'mixture' is the sum of its Gaussians by weight, variances bounded as the posterior's", () => {
  const vae = tiny({ prior: 'mixture' });
  setWeights(vae, MIXTURE);
  const logits = MIXTURE['prior/logits'];
  const got = vae.prior.logProb(z()).arraySync() as number[];
  for (const [i, row] of z().arraySync().entries()) {
    const terms = logits.map((logit, k) => {
      const loc = MIXTURE['prior/loc'].slice(2 * k, 2 * k + 2);
      const raw = MIXTURE['prior/log-variance'].slice(2 * k, 2 * k + 2);
      return (
        logit -
        logSumExp(logits) +
        logNormal(
          row,
          loc,
          raw.map((v) => Math.exp(5 * Math.tanh(v / 10))),
        )
      );
    });
    near(got[i]!, logSumExp(terms));
  }
});

it("'mixture' starts as equal shares of unit Gaussians in different places, the same for a seed", () => {
  const [a, b, c] = [tiny({ prior: 'mixture' }), tiny({ prior: 'mixture' }), tiny({ prior: 'mixture', seed: 3 })];
  const loc = (vae: Vae) => Array.from(vae.weights['prior/loc']!.dataSync());
  expect(loc(a)).toEqual(loc(b));
  expect(loc(a)).not.toEqual(loc(c));
  expect(new Set(loc(a)).size).toBe(6);
  expect(value(tf.max(tf.abs(a.weights['prior/log-variance']!)))).toBe(0);
});

describe.each([0, 2])('VampPrior, %i reflections', (reflections) => {
  it('is the mean of the posteriors of its pseudo-inputs', () => {
    const vae = tiny({ prior: 'vamp', reflections });
    const inputs = vae.weights['prior/pseudo-inputs']!;
    expect(inputs.shape).toEqual([3, 6]);
    const got = vae.prior.logProb(z()).arraySync() as number[];
    const each = [0, 1, 2].map(
      (k) =>
        vae
          .posterior(tf.slice(inputs, k, 1))
          .logProb(z())
          .arraySync() as number[],
    );
    for (const i of got.keys()) near(got[i]!, logSumExp(each.map((row) => row[i]!)) - Math.log(3));
  });

  it('draws are near the codes of the pseudo-inputs; at temperature 0 they are these', () => {
    const vae = tiny({ prior: 'vamp', reflections });
    const codes = vae.decode(vae.encode(vae.weights['prior/pseudo-inputs']!).loc).arraySync();
    const cold = vae.sample(40, 1, { temperature: 0 }).arraySync();
    const chosen = cold.map((row) => codes.findIndex((code) => code.every((p, j) => Math.abs(p - row[j]!) < 1e-6)));
    expect(new Set(chosen)).toEqual(new Set([0, 1, 2])); // -1 would be none of them
  });
});

it('startFromMean makes pseudo-inputs black and white draws of the mean image', () => {
  const vae = tiny({ prior: 'vamp', components: 4000 });
  const mean = [0, 0.1, 0.25, 0.5, 0.9, 1];
  vae.startFromMean(mean);
  const inputs = vae.weights['prior/pseudo-inputs']!;
  expect(new Set(inputs.dataSync())).toEqual(new Set([0, 1]));
  const got = tf.mean(inputs, 0).arraySync() as number[];
  mean.forEach((p, j) => {
    expect(Math.abs(got[j]! - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 4000));
  });
});

it('draws of the mixture have its moments; temperature narrows the components and leaves their weights', () => {
  // A decoder that hands the code on: linear, gaussian, two pixels.
  const vae = new Vae({
    latent: 2,
    hidden: 2,
    imageShape: [1, 2, 1],
    activation: 'linear',
    likelihood: 'gaussian',
    prior: 'mixture',
    components: 2,
  });
  const eye = [1, 0, 0, 1];
  setWeights(vae, { 'decoder/hidden/kernel': eye, 'decoder/output/kernel': eye });
  setWeights(vae, { 'prior/logits': [Math.log(0.25), Math.log(0.75)], 'prior/loc': [-4, 0, 4, 1] });
  const n = 20_000;
  for (const temperature of [1, 0.5, 0]) {
    const { mean, variance } = tf.moments(vae.sample(n, 0, { temperature }), 0);
    const [m, v] = [mean.arraySync() as number[], variance.arraySync() as number[]];
    // mean 4 (2 p - 1) = 2, variance T^2 + 64 p (1 - p) = T^2 + 12; then 0.75, and T^2 + 3 / 16.
    const expected = [temperature ** 2 + 12, temperature ** 2 + 3 / 16];
    [2, 0.75].forEach((want, j) => {
      expect(Math.abs(m[j]! - want)).toBeLessThan(5 * Math.sqrt(expected[j]! / n));
      expect(Math.abs(v[j]! / expected[j]! - 1)).toBeLessThan(5 * Math.sqrt(4 / n)); // kurtosis here is below 5
    });
  }
});

/** A posterior that is the same whatever the image. */
const fixPosterior = (vae: Vae, loc: number[], variance: number[]) =>
  setWeights(vae, {
    'encoder/loc/kernel': 0,
    'encoder/loc/bias': loc,
    'encoder/log-variance/kernel': 0,
    'encoder/log-variance/bias': variance.map((v) => rawLogVariance(Math.log(v))),
  });

it('the kl of one sample is 3.625 on average where the mixture is N(0, I), and may be negative', () => {
  const vae = tiny({ prior: 'mixture', components: 2 });
  setWeights(vae, { 'prior/loc': 0 });
  fixPosterior(vae, [1, -2], [0.25, 4]);
  const kl = vae.elbo(tf.zeros([100_000, 6]), 0).kl;
  const { mean, variance } = tf.moments(kl);
  expect(Math.abs(value(mean) - 3.625)).toBeLessThan(3 * Math.sqrt(value(variance) / 100_000));
  expect(value(tf.min(kl))).toBeLessThan(0);
});

it('elbo is log p(x | z) + log p(z) - log q(z | x) at its one sample, and iwae of one sample the same kind of number', () => {
  const vae = tiny({ prior: 'mixture' });
  setWeights(vae, MIXTURE);
  const x = images(5);
  const { elbo, reconstruction, kl } = vae.elbo(x, 9);
  const draw = vae.posterior(x).sample({ seed: 9 });
  const log = [vae.logLikelihood(x, draw), vae.prior.logProb(draw), vae.posterior(x).logProb(draw)].map(
    (t) => t.arraySync() as number[],
  );
  for (let i = 0; i < 5; i++) {
    near(reconstruction.arraySync()[i]!, log[0]![i]!);
    near(kl.arraySync()[i]!, log[2]![i]! - log[1]![i]!);
    near(elbo.arraySync()[i]!, log[0]![i]! + log[1]![i]! - log[2]![i]!);
  }
  const many = tf.tile(x, [4000, 1]);
  const [bound, one] = [vae.elbo(many, 1).elbo, vae.iwae(many, 1, 2)].map((t) => tf.moments(t));
  const error = Math.sqrt((2 * value(one!.variance)) / 20_000);
  expect(Math.abs(value(bound!.mean) - value(one!.mean))).toBeLessThan(5 * error);
});

it.each(['mixture', 'vamp'] as const)('%s: gradients of every weight agree with finite differences', (prior) => {
  const vae = tiny({ prior, reflections: 1 });
  const x = images(4);
  const weights = Object.entries(vae.weights);
  for (const [name] of weights) if (name.endsWith('bias')) setWeights(vae, { [name]: 0.1 });
  if (prior === 'mixture') setWeights(vae, MIXTURE);
  const { grads } = tf.variableGrads(
    () => vae.loss(x, 1),
    weights.map(([, w]) => w),
  );
  for (const [name, weight] of weights) {
    const gradient = grads[weight.name]!;
    const norm = value(tf.norm(gradient));
    expect(norm, name).toBeGreaterThan(0);
    // Along the gradient the loss must change by its norm.
    const [first, h] = [weight.clone(), 0.005];
    const at = (t: number) => {
      weight.assign(tf.add(first, tf.mul(gradient, t / norm)));
      return value(vae.loss(x, 1));
    };
    const slope = (at(h) - at(-h)) / (2 * h);
    weight.assign(first);
    expect(Math.abs(slope - norm), name).toBeLessThan(0.02 * norm + 2e-3);
  }
});

// Four pictures of 16 pixels, equally likely: nobody can spend less than log 4 = 1.39 nats a picture.
const PICTURES = tf.tensor2d([
  [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1],
  [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0],
  [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1],
]);

// A mixture of four can put one component on each picture: the bound then comes near to the entropy, where N(0, I) leaves gaps.
it.each(['mixture', 'vamp'] as const)('%s learns four pictures to within 0.5 nats of their entropy', (prior) => {
  const config = { latent: 2, hidden: 16, imageShape: [4, 4, 1], components: 4, seed: 1 } as const;
  const bound = (vae: Vae) => {
    train(vae, () => tf.tile(PICTURES, [4, 1]), { steps: 300, rate: 0.02 });
    return value(tf.mean(vae.elbo(tf.tile(PICTURES, [250, 1]), 0).elbo));
  };
  const [plain, learned] = [bound(new Vae(config)), bound(new Vae({ ...config, prior }))];
  expect(learned).toBeGreaterThan(-Math.log(4) - 0.5);
  expect(learned).toBeLessThan(-Math.log(4) + 0.05); // 1,000 draws of a bound whose spread is below 0.3
  expect(learned).toBeGreaterThan(plain);
});

it.each(['mixture', 'vamp'] as const)('%s: calls leave their results alone, dispose leaves nothing', (prior) => {
  const start = tf.memory().numTensors;
  const vae = tiny({ prior, reflections: 1 });
  const x = images(4);
  const before = tf.memory().numTensors;
  const { value: loss, grads } = tf.variableGrads(() => vae.loss(x, 0), Object.values(vae.weights));
  tf.dispose([
    loss,
    grads,
    Object.values(vae.elbo(x, 0)),
    vae.iwae(x, 3, 0),
    vae.sample(2, 0),
    vae.sample(2, 0, { temperature: 0.5 }),
  ]);
  tf.tidy(() => void vae.prior);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([x]);
  vae.dispose();
  expect(tf.memory().numTensors).toBe(start);
});
