import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardNormal, standardUniform } from '@proj/distributions';
import { expect, it } from 'vitest';
import { setWeights } from '../fixtures/training.ts';
import type { VaeConfig } from './config.ts';
import { Vae } from './vae.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const near = (got: number, expected: number, relative = 1e-5) =>
  expect(Math.abs(got - expected)).toBeLessThan(relative * (1 + Math.abs(expected)));

/** A decoder that puts out these numbers whatever the code is: a Vae of that many pixels, in one row. */
const constant = (config: VaeConfig, output: number[], logScale?: number[]) => {
  const vae = new Vae({ latent: 1, hidden: 1, imageShape: [1, output.length, 1], ...config });
  setWeights(vae, { 'decoder/output/kernel': 0, 'decoder/output/bias': output });
  if (logScale) setWeights(vae, { 'decoder/log-scale/kernel': 0, 'decoder/log-scale/bias': logScale });
  return vae;
};
const logLikelihood = (vae: Vae, rows: number[][]) =>
  Array.from(vae.logLikelihood(tf.tensor2d(rows), tf.zeros([rows.length, 1])).dataSync());

// Closed form: -(x - m)^2 / (2 s^2) - log s - log(2 pi) / 2 for each pixel.
it("'gaussian' has one standard deviation, `scale`", () => {
  const [x, means] = [
    [0.25, 1, 0],
    [0.5, 0.5, -1],
  ] as [number[], number[]];
  for (const scale of [1, 0.1, 3]) {
    const expected = x.reduce((sum, v, j) => {
      return sum - (v - means[j]!) ** 2 / (2 * scale ** 2) - Math.log(scale) - HALF_LOG_2PI;
    }, 0);
    near(logLikelihood(constant({ likelihood: 'gaussian', scale }, means), [x])[0]!, expected);
  }
});

it("'gaussian-learned' has a standard deviation a pixel, exp(5 tanh(u / 5))", () => {
  const [x, means, raw] = [
    [0.25, 1, 0],
    [0.5, 0.5, -1],
    [-2, 0, 4],
  ] as [number[], number[], number[]];
  const expected = x.reduce((sum, v, j) => {
    const logScale = 5 * Math.tanh(raw[j]! / 5);
    return sum - (v - means[j]!) ** 2 / (2 * Math.exp(2 * logScale)) - logScale - HALF_LOG_2PI;
  }, 0);
  const vae = constant({ likelihood: 'gaussian-learned' }, means, raw);
  near(logLikelihood(vae, [x])[0]!, expected);
  near(vae.decode(tf.zeros([1, 1])).dataSync()[2]!, -1);
});

// Closed form: 5 - log(2 pi) / 2 nats at the mean, whatever the network says.
it("'gaussian-learned' gives no pixel more than 4.081 nats", () => {
  const vae = constant({ likelihood: 'gaussian-learned' }, [0, 0], [-1e6, -1e6]);
  near(logLikelihood(vae, [[0, 0]])[0]!, 2 * (5 - HALF_LOG_2PI));
});

/** log of the mass of byte k under a logistic with this location on [0, 1] and scale on [-1, 1], in float64. */
function logMass(k: number, location: number, scale: number): number {
  const unit = scale * 127.5; // in bytes
  const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));
  const cdf = (edge: number) => sigmoid((edge - 255 * location) / unit);
  const upper = k === 255 ? 1 : cdf(k + 0.5);
  const lower = k === 0 ? 0 : cdf(k - 0.5);
  return Math.log(upper - lower);
}

const BYTES = Array.from({ length: 256 }, (_, k) => k);

it.each([
  [0.5, -1],
  [0.3, -4],
  [0.02, -3],
  [1.1, 0],
])("'discretized-logistic' is the mass of the byte: location %d, log-scale %d", (location, raw) => {
  const scale = Math.exp(7 * Math.tanh(raw / 7));
  const vae = constant({ likelihood: 'discretized-logistic' }, [location], [raw]);
  const got = logLikelihood(
    vae,
    BYTES.map((k) => [k / 255]),
  );
  const expected = BYTES.map((k) => logMass(k, location, scale));
  for (const k of BYTES) if (expected[k]! > -12) near(got[k]!, expected[k]!, 1e-4); // below, float64 has lost the difference
  expect(got.reduce((sum, v) => sum + Math.exp(v), 0)).toBeCloseTo(1, 5); // probabilities: they add up to 1
});

it("'discretized-logistic' adds up over pixels and never gives more than 0 nats", () => {
  const vae = constant({ likelihood: 'discretized-logistic' }, [0.2, 0.6], [-2, -1e6]);
  const scale = Math.exp(7 * Math.tanh(-2 / 7));
  const [sure] = logLikelihood(vae, [[51 / 255, 153 / 255]]);
  near(sure!, logMass(51, 0.2, scale) + logMass(153, 0.6, Math.exp(-7)), 1e-4);
  expect(logMass(153, 0.6, Math.exp(-7))).toBeGreaterThan(-0.03); // even the narrowest is no density
  expect(sure).toBeLessThan(0);
});

it.each([
  [0.5, -1],
  [0.3, -4],
  [0.02, -3],
  [1.1, 0],
  [0.7, -7],
])("the mean image of 'discretized-logistic' is that of its bytes: location %d, log-scale %d", (location, raw) => {
  const scale = Math.exp(7 * Math.tanh(raw / 7));
  const vae = constant({ likelihood: 'discretized-logistic' }, [location], [raw]);
  const mean = BYTES.reduce((sum, k) => sum + (k / 255) * Math.exp(logMass(k, location, scale)), 0);
  const got = vae.decode(tf.zeros([1, 1])).dataSync()[0]!;
  // The rounding that the closed form leaves out: half a grey level at most, nothing where the scale is above one.
  expect(Math.abs(got - mean)).toBeLessThan(scale * 127.5 > 1 ? 2e-4 : 0.5 / 255);
});

it.each(['gaussian', 'gaussian-learned', 'discretized-logistic'] as const)(
  '%s: gradients of every weight agree with finite differences, mlp and conv',
  (likelihood) => {
    for (const net of ['mlp', 'conv'] as const) {
      const vae = new Vae({ likelihood, net, latent: 2, hidden: 6, imageShape: [4, 4, 1], seed: 3, scale: 0.5 });
      const x = tf.div(tf.round(tf.mul(standardUniform([3, 16], 0), 255)), 255);
      const weights = Object.entries(vae.weights);
      for (const [name] of weights) if (name.endsWith('bias')) setWeights(vae, { [name]: 0.05 }); // 0 is a kink of relu
      const { grads } = tf.variableGrads(
        () => vae.loss(x, 1),
        weights.map(([, w]) => w),
      );
      for (const [name, weight] of weights) {
        const gradient = grads[weight.name]!;
        const norm = tf.norm(gradient).dataSync()[0]!;
        expect(norm, name).toBeGreaterThan(0);
        // Along the gradient the loss must change by its norm: relu kinks and float32 allow 5 %.
        const [first, h] = [weight.clone(), 0.002];
        const at = (t: number) => {
          weight.assign(tf.add(first, tf.mul(gradient, t / norm)));
          return vae.loss(x, 1).dataSync()[0]!;
        };
        const slope = (at(h) - at(-h)) / (2 * h);
        weight.assign(first);
        expect(Math.abs(slope - norm), `${net} ${name}`).toBeLessThan(0.05 * norm + 5e-3);
      }
    }
  },
);

it.each(['gaussian-learned', 'discretized-logistic'] as const)('%s starts from the mean image', (likelihood) => {
  const vae = constant({ likelihood }, [0, 0]);
  vae.startFromMean([0.25, 0.75]);
  expect(Array.from(vae.weights['decoder/output/bias']!.dataSync())).toEqual([0.25, 0.75]);
  expect(vae.sample(3, 0).shape).toEqual([3, 2]);
});

it.each(['gaussian-learned', 'discretized-logistic'] as const)('%s: calls leave their results alone', (likelihood) => {
  const vae = new Vae({ likelihood, latent: 2, hidden: 3, imageShape: [2, 2, 1] });
  const [x, z] = [tf.zeros([2, 4]), standardNormal([2, 2], 0)];
  const before = tf.memory().numTensors;
  const { value, grads } = tf.variableGrads(() => vae.loss(x, 0), Object.values(vae.weights));
  tf.dispose([value, grads, vae.decode(z), vae.logLikelihood(x, z), vae.iwae(x, 3, 0)]);
  expect(tf.memory().numTensors).toBe(before);
});
