import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { standardNormal } from '@proj/distributions';
import { expect, it } from 'vitest';
import { train } from '../fixtures/training.ts';
import { Vae } from './vae.ts';

/**
 * Probabilistic PCA with noise 1: x = W z + m + e, so x ~ N(m, W W' + I). The columns of W are orthogonal with lengths 3 and
 * 1.5, hence the covariance has eigenvalues 10, 3.25, 1, 1, 1, 1.
 */
const W = [3, 1.5];
const MEAN = 0.5;
const D = 6;

function draw(count: number, seed: number): tf.Tensor2D {
  return tf.tidy(() => {
    const z = tf.mul(standardNormal([count, 2], 2 * seed), W);
    const noise = standardNormal([count, D], 2 * seed + 1);
    return tf.add(
      tf.add(
        tf.pad(z as tf.Tensor2D, [
          [0, 0],
          [0, D - 2],
        ]),
        noise,
      ),
      MEAN,
    ) as tf.Tensor2D;
  });
}

/** Mean log p(x) over rows under the true model, float64: no bound can be better on average. */
function logEvidence(rows: number[][]): number {
  const variance = Array.from({ length: D }, (_, j) => 1 + (W[j] ?? 0) ** 2);
  const each = rows.map((row) =>
    row.reduce((sum, x, j) => sum - 0.5 * ((x - MEAN) ** 2 / variance[j]! + Math.log(2 * Math.PI * variance[j]!)), 0),
  );
  return each.reduce((a, b) => a + b) / rows.length;
}

it('a linear VAE on PPCA data reaches the closed-form optimum within 1 %', () => {
  const vae = new Vae({ latent: 2, hidden: 8, activation: 'linear', likelihood: 'gaussian', imageShape: [1, D, 1] });
  train(vae, (step) => draw(128, step), { steps: 2000, rate: 3e-3 });
  train(vae, (step) => draw(256, 10_000 + step), { steps: 1000, rate: 3e-4 });

  const test = draw(20_000, 1_000_000);
  const best = logEvidence(test.arraySync());
  const bounds = Array.from(vae.elbo(test, 0).elbo.dataSync());
  const elbo = bounds.reduce((a, b) => a + b) / bounds.length;
  expect(elbo).toBeGreaterThan(best - 0.01 * Math.abs(best));
  // One posterior sample has a spread of about 1.5 nats a row, so 0.05 is 5 standard errors.
  expect(elbo).toBeLessThan(best + 0.05);

  // The subspace is found: the posterior's variances are those of Bayes' rule, 1 / (1 + w^2), up to a rotation.
  const { scale } = vae.encode(test);
  const product = tf.mean(tf.prod(tf.square(scale), -1)).dataSync()[0]!;
  expect(product).toBeLessThan(1.1 / (10 * 3.25));
});
