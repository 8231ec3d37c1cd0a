import {
  type Independent,
  MultivariateNormalDiag,
  MultivariateNormalTriL,
  standardNormal,
  TransformedDistribution,
} from '@proj/distributions';
import { Chain, Householder } from '@proj/distributions/bijectors';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { gaussianKl } from '../internal/gaussian-kl.ts';
import { componentKl, reflectedGaussian } from './component-kl.ts';

const [B, T, Z, K] = [3, 4, 5, 4];
const draw = (shape: number[], seed: number) => standardNormal(shape, seed) as tf.Tensor2D;
const close = (values: number[]) => values.map((x) => expect.closeTo(x, 5));
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());

/** Gaussians of B documents, each turned by its own K reflections. */
function turned(count = K) {
  const loc = draw([B, Z], 1);
  const logVariance = draw([B, Z], 2);
  const vectors = Array.from({ length: count }, (_, k) => draw([B, Z], 10 + k));
  const flow = new Chain(vectors.map((v) => new Householder(v)));
  const reflect = (base: Independent) => (count === 0 ? base : new TransformedDistribution(base, flow));
  return { q: reflectedGaussian(loc, logVariance, reflect, 7), loc, logVariance, vectors };
}

const components = (count = T) => ({ loc: draw([count, Z], 3), logVariance: draw([count, Z], 4) });

/** H of document b: the last reflection of a chain comes first. */
function matrixOf(vectors: tf.Tensor2D[], b: number): number[][] {
  const eye = Array.from({ length: Z }, (_, i) => Array.from({ length: Z }, (_, j) => Number(i === j)));
  return vectors.reduceRight((H, tensor) => {
    const v = tensor.arraySync()[b]!;
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const R = eye.map((row, i) => row.map((one, j) => one - (2 * v[i]! * v[j]!) / square));
    return R.map((row) => eye.map((_, j) => row.reduce((sum, r, k) => sum + r * H[k]![j]!, 0)));
  }, eye);
}

function determinant(matrix: number[][]): number {
  const m = matrix.map((row) => [...row]);
  return m.reduce((det, row, i) => {
    for (const below of m.slice(i + 1)) {
      const factor = below[i]! / row[i]!;
      row.forEach((x, j) => {
        below[j]! -= factor * x;
      });
    }
    return det * row[i]!;
  }, 1);
}

// systems.md 9.5.
it('H is orthogonal, its determinant is 1 in size, and each reflection undoes itself', () => {
  const { vectors } = turned();
  const axes = tf.eye(Z); // its rows, turned, are the columns of H
  for (let b = 0; b < B; b++) {
    const own = vectors.map((v) => new Householder(tf.slice(v, [b, 0], [1, Z])));
    const columns = new Chain(own).forward(axes).arraySync() as number[][];
    const golden = matrixOf(vectors, b);
    for (const [i, j] of columns.flatMap((row, i) => row.map((_, j) => [i, j] as const))) {
      expect(columns[i]![j]).toBeCloseTo(golden[j]![i]!, 5);
      const product = columns[i]!.reduce((sum, x, k) => sum + x * columns[j]![k]!, 0);
      expect(product).toBeCloseTo(Number(i === j), 5);
    }
    expect(Math.abs(determinant(columns))).toBeCloseTo(1, 5);
    const [first] = own;
    const back = numbers(first!.forward(first!.forward(axes)));
    expect(back).toEqual(numbers(axes).map((x) => expect.closeTo(x, 5)));
    expect(determinant(first!.forward(axes).arraySync() as number[][])).toBeCloseTo(-1, 5);
  }
});

// Golden: systems.md 9.5, (25, -4, -13) / 9.
it('v = (1, 2, 2) reflects z = (3, 0, -1)', () => {
  const z = numbers(new Householder([1, 2, 2]).forward(tf.tensor1d([3, 0, -1])));
  expect(z).toEqual([2.777778, -0.444444, -1.444444].map((x) => expect.closeTo(x, 6)));
});

// Golden: the formula of systems.md 9.4 with H written out, in float64.
it.each([0, 1, K])('the divergence from each component: %i reflections', (count) => {
  const { q, loc, logVariance, vectors } = turned(count);
  const prior = components();
  const kl = componentKl(q, prior).arraySync();
  const [m, v, mu, w] = [loc, logVariance, prior.loc, prior.logVariance].map((t) => t.arraySync() as number[][]);
  for (let b = 0; b < B; b++) {
    const H = matrixOf(vectors, b);
    for (let i = 0; i < T; i++) {
      let twice = -Z;
      for (let j = 0; j < Z; j++) {
        const mean = H[j]!.reduce((sum, h, k) => sum + h * m![b]![k]!, 0);
        const variance = H[j]!.reduce((sum, h, k) => sum + h * h * Math.exp(v![b]![k]!), 0);
        twice += (variance + (mean - mu![i]![j]!) ** 2) / Math.exp(w![i]![j]!) + w![i]![j]! - v![b]![j]!;
      }
      expect(Math.abs(kl[b]![i]! - twice / 2)).toBeLessThan(1e-5 * Math.abs(twice));
    }
  }
});

it('is the divergence of full covariances that @proj/distributions has', () => {
  const { q, vectors, logVariance } = turned();
  const scale = tf.exp(tf.div<tf.Tensor2D>(logVariance, 2));
  const prior = components();
  const kl = componentKl(q, prior).arraySync();
  const deviations = tf.exp(tf.div<tf.Tensor2D>(prior.logVariance, 2));
  const zero = tf.zeros([Z, Z]) as tf.Tensor2D;
  for (let b = 0; b < B; b++) {
    const covariance = tf.tidy(() => {
      const H = tf.mul(tf.tensor2d(matrixOf(vectors, b)), tf.slice(scale, [b, 0], [1, Z]));
      return tf.matMul(H as tf.Tensor2D, H as tf.Tensor2D, false, true).arraySync() as number[][];
    });
    const full = new MultivariateNormalTriL(tf.slice(q.mean, [b, 0], [1, Z]), tf.tensor2d(cholesky(covariance)));
    const exact = Array.from({ length: T }, (_, i) => {
      const diagonal = tf.add(zero, tf.mul(tf.eye(Z), tf.slice(deviations, [i, 0], [1, Z])));
      return numbers(full.klDivergence(new MultivariateNormalTriL(tf.slice(prior.loc, [i, 0], [1, Z]), diagonal)))[0]!;
    });
    expect(kl[b]).toEqual(exact.map((x) => expect.closeTo(x, 3)));
  }
});

function cholesky(matrix: number[][]): number[][] {
  const L = matrix.map((row) => row.map(() => 0));
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      const rest = row[j]! - L[i]!.slice(0, j).reduce((sum, x, k) => sum + x * L[j]![k]!, 0);
      L[i]![j] = i === j ? Math.sqrt(rest) : rest / L[j]![j]!;
    }
  }
  return L;
}

// systems.md 9.4, correction 2: reflections gain nothing against N(0, I).
it('from N(0, I) is that of the Gaussian before it was turned', () => {
  const { q, loc, logVariance } = turned();
  const standard = { loc: tf.zeros([1, Z]) as tf.Tensor2D, logVariance: tf.zeros([1, Z]) as tf.Tensor2D };
  const plain = numbers(gaussianKl(loc, logVariance));
  expect(numbers(componentKl(q, standard))).toEqual(plain.map((x) => expect.closeTo(x, 4)));
  const other = { ...standard, logVariance: draw([1, Z], 5) };
  const diagonal = new MultivariateNormalDiag(loc, tf.exp(tf.div(logVariance, 2)));
  const apart = numbers(
    diagonal.klDivergence(
      new MultivariateNormalDiag([0, 0, 0, 0, 0], tf.exp(tf.div(tf.squeeze(other.logVariance), 2))),
    ),
  );
  const differences = numbers(componentKl(q, other)).map((x, b) => Math.abs(x - apart[b]!));
  expect(Math.max(...differences)).toBeGreaterThan(0.1); // against another Gaussian they matter
});

it.each([0, K])('z is the draw of the distribution: %i reflections', (count) => {
  const { q } = turned(count);
  expect(numbers(q.z)).toEqual(close(numbers(q.distribution.sample({ seed: 7 }))));
});

it('mean and variances are those of draws', () => {
  const { q } = turned();
  const n = 20_000; // 5 standard errors, as each dimension is Gaussian
  const { mean, variance } = tf.moments(q.distribution.sample({ sampleShape: [n], seed: 0 }), 0);
  const off = numbers(tf.div(tf.sub(mean, q.mean), tf.sqrt(q.variance)));
  expect(Math.max(...off.map(Math.abs))).toBeLessThan(5 / Math.sqrt(n));
  const ratios = numbers(tf.div(variance, q.variance));
  expect(Math.max(...ratios.map((r) => Math.abs(r - 1)))).toBeLessThan(5 * Math.sqrt(2 / n));
});

it('gradients are finite where a reflection has no direction', () => {
  const loss = (v: tf.Tensor) => {
    const flat = tf.zeros([B, Z]) as tf.Tensor2D;
    const reflect = (base: Independent) => new TransformedDistribution(base, new Chain([new Householder(v)]));
    return tf.sum(componentKl(reflectedGaussian(draw([B, Z], 1), flat, reflect, 0), components()));
  };
  expect(numbers(tf.grad(loss)(tf.zeros([B, Z]))).every(Number.isFinite)).toBe(true);
  expect(Math.max(...numbers(tf.grad(loss)(draw([B, Z], 10))))).toBeGreaterThan(1e-3);
});
