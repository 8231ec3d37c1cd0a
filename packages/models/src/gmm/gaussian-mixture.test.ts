import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { GaussianMixture } from './gaussian-mixture.ts';

const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const KINDS = ['diag', 'full'] as const;
const near = (got: number[], golden: number[], tolerance: number) => {
  expect(got.length).toBe(golden.length);
  got.forEach((v, i) => {
    expect(Math.abs(v - golden[i]!), `number ${i}`).toBeLessThan(tolerance);
  });
};

/** 300 points of N((0, 0), I), and 100 about (6, 2) with covariance [[4, 1.8], [1.8, 1]]. */
const clouds = (seed = 1): number[][] => {
  const eps = normal(800, seed);
  return Array.from({ length: 400 }, (_, i) => {
    const [a, b] = [eps[2 * i]!, eps[2 * i + 1]!];
    return i < 300 ? [a, b] : [6 + 2 * a, 2 + 0.9 * a + Math.sqrt(0.19) * b];
  });
};

const rising = (bounds: number[]) => {
  for (let i = 1; i < bounds.length; i++) expect(bounds[i]!).toBeGreaterThanOrEqual(bounds[i - 1]! - 1e-13); // rounding
};

// Golden: systems.md 6.7, per point.
it.each(KINDS)('the golden run on five numbers, an iteration at a time, %s', (covariance) => {
  const points = [[-2], [-1], [0], [4], [5]];
  const covariances = covariance === 'full' ? [[[1]], [[1]]] : [[1], [1]];
  const mixture = GaussianMixture.fromParameters({ weights: [0.5, 0.5], means: [[-1], [1]], covariances } as never);
  const total = () => numbers(mixture.logLikelihood(points)).reduce((a, b) => a + b);
  expect(total()).toBeCloseTo(-20.721823, 5);
  const path = Array.from({ length: 4 }, (_, i) => {
    const sum = 5 * mixture.step(points);
    expect(total()).toBeCloseTo(sum, 4);
    if (i > 0) return sum;
    const { weights, means, covariances: variances } = mixture.parameters;
    near(weights, [0.472638, 0.527362], 6e-7);
    near(means.flat(), [-1.203142, 3.353773], 6e-7);
    near((variances as number[][][]).flat(2), [0.590096, 4.371336], 9e-7);
    return sum;
  });
  near(path, [-10.56384, -10.201224, -9.373614, -8.466503], 2e-6);
});

it.each(KINDS)('the likelihood never falls, and fit stops where it gains nothing, %s', (covariance) => {
  const mixture = new GaussianMixture({ components: 3, covariance, seed: 4 });
  const points = clouds();
  const { logLikelihoods, converged } = mixture.fit(points, { maxIterations: 500 });
  expect(converged).toBe(true);
  rising(logLikelihoods);
  expect(logLikelihoods.at(-1)! - logLikelihoods[0]!).toBeGreaterThan(0.05);
  const settled = new GaussianMixture({ covariance }).fit(points, { maxIterations: 60, tolerance: 0 }).logLikelihoods;
  expect(settled.length).toBeLessThan(61); // gains fall to nothing: float32 weights do not shake the bound
  rising(settled);
  const two = new GaussianMixture({ components: 3, covariance, seed: 4 }).fit(points, {
    maxIterations: 2,
    tolerance: 0,
  });
  expect(two).toEqual({ logLikelihoods: logLikelihoods.slice(0, 3), converged: false });
});

// 5 standard errors: of a mean s / sqrt(n), of a variance s^2 sqrt(2 / n), of a covariance sqrt((v w + c^2) / n).
it('finds the two clouds', () => {
  const mixture = new GaussianMixture({ covariance: 'full' });
  mixture.fit(clouds());
  const { weights, means, covariances } = mixture.parameters;
  const far = means.findIndex(([a]) => a! > 3);
  near([weights[far]!], [0.25], 5 * Math.sqrt((0.25 * 0.75) / 400));
  near(means[far]!, [6, 2], 5 * 0.2);
  near(means[1 - far]!, [0, 0], 5 / Math.sqrt(300));
  near((covariances[far] as number[][]).flat(), [4, 1.8, 1.8, 1], 5 * 4 * Math.sqrt(2 / 100));
  const labels = numbers(mixture.predict(clouds()));
  const right = labels.filter((label, i) => (label === far) === i >= 300).length;
  expect(right).toBeGreaterThan(395);
});

it.each(KINDS)('likelihood and responsibilities agree with Bayes rule in plain float64, %s', (covariance) => {
  const mixture = new GaussianMixture({ components: 3, covariance, seed: 2 });
  const points = clouds();
  mixture.fit(points, { maxIterations: 3 });
  const { weights, means, covariances } = mixture.parameters;
  const few = points.filter((_, i) => i % 50 === 0);
  const logLikelihoods = numbers(mixture.logLikelihood(few));
  const responsibilities = mixture.responsibilities(few).arraySync();
  few.forEach(([x, y], i) => {
    const joint = weights.map((weight, k) => {
      const c = covariances[k] as number[][] | number[];
      const [a, b, d] =
        covariance === 'full'
          ? [(c as number[][])[0]![0]!, (c as number[][])[0]![1]!, (c as number[][])[1]![1]!]
          : [c[0] as number, 0, c[1] as number];
      const [u, v] = [x! - means[k]![0]!, y! - means[k]![1]!];
      const det = a * d - b * b;
      return (
        (weight * Math.exp(-0.5 * ((d * u * u - 2 * b * u * v + a * v * v) / det))) / (2 * Math.PI * Math.sqrt(det))
      );
    });
    const evidence = joint.reduce((p, q) => p + q);
    expect(logLikelihoods[i]).toBeCloseTo(Math.log(evidence), 4);
    near(
      responsibilities[i]!,
      joint.map((p) => p / evidence),
      1e-4,
    );
    expect(numbers(mixture.predict([few[i]!]))[0]).toBe(joint.indexOf(Math.max(...joint)));
  });
});

// 5 standard errors of mean and second moment.
it('draws points with the mean and spread of the mixture', () => {
  const mixture = GaussianMixture.fromParameters({
    weights: [0.25, 0.75],
    means: [
      [0, 4],
      [8, 0],
    ],
    covariances: [
      [1, 1],
      [4, 0.25],
    ],
  });
  const n = 20_000;
  const draws = mixture.sample(n, 3);
  expect(draws.shape).toEqual([n, 2]);
  const { mean, variance } = tf.moments(draws, 0);
  const [v0, v1] = [0.25 * 1 + 0.75 * 4 + 0.25 * 0.75 * 64, 0.25 * 1 + 0.75 * 0.25 + 0.25 * 0.75 * 16];
  near(numbers(mean), [6, 1], 5 * Math.sqrt(v0 / n));
  near(numbers(variance), [v0, v1], 5 * v0 * Math.sqrt(2 / n));
  for (const row of mixture.sample(20, 3, { temperature: 0 }).arraySync()) {
    expect([
      [0, 4],
      [8, 0],
    ]).toContainEqual(row);
  }
  expect(numbers(mixture.sample(5, 3))).toEqual(numbers(tf.slice(draws, 0, 5)).slice(0, 10));
  expect(numbers(mixture.sample(5, 4))).not.toEqual(numbers(mixture.sample(5, 3)));
});

it.each(KINDS)('goes on from its weights, or from saved parameters, as if never interrupted, %s', (covariance) => {
  const points = clouds();
  const whole = new GaussianMixture({ components: 3, covariance, seed: 1 });
  const path = [whole.start(points), ...Array.from({ length: 4 }, () => whole.step(points))];
  const half = new GaussianMixture({ components: 3, covariance, seed: 1 });
  expect([half.start(points), half.step(points), half.step(points)]).toEqual(path.slice(0, 3));
  const other = new GaussianMixture({ components: 3, covariance });
  for (const name of ['weights', 'means', 'scales'] as const) other.weights[name].assign(half.weights[name]);
  expect([other.step(points), other.step(points)]).toEqual(path.slice(3));
  const saved = JSON.parse(JSON.stringify(half.parameters));
  const read = GaussianMixture.fromParameters(saved);
  expect(read.config).toMatchObject({ components: 3, covariance, dimensions: 2 });
  near([read.step(points), read.step(points)], path.slice(3), 1e-6);
});

it('the same seed gives the same mixture, from a tensor too', () => {
  const points = clouds().map((row) => row.map(Math.fround));
  const fit = (seed: number, x: number[][] | tf.Tensor2D = points) => {
    const mixture = new GaussianMixture({ components: 5, seed });
    mixture.fit(x, { maxIterations: 2 });
    return mixture.parameters;
  };
  expect(fit(1)).toEqual(fit(1));
  expect(fit(1, tf.tensor2d(points))).toEqual(fit(1));
  expect(fit(1)).not.toEqual(fit(2));
});

it('says what it stores', () => {
  const mixture = new GaussianMixture({ components: 3, covariance: 'full', dimensions: 4 });
  expect(mixture.countParams()).toBe(3 + 3 * 4 + 3 * 16);
  expect(mixture.describe().map(({ name, params }) => [name, params])).toEqual([
    ['weights', 3],
    ['means', 12],
    ['scales', 48],
  ]);
  expect(numbers(mixture.logLikelihood([[0, 0, 0, 0]]))[0]).toBeCloseTo(-2 * Math.log(2 * Math.PI), 5); // before start
});

it('leaves nothing behind but its results', () => {
  const start = tf.memory().numTensors;
  const mixture = new GaussianMixture({ covariance: 'full' });
  const points = clouds();
  const made = tf.memory().numTensors;
  expect(made).toBe(start + 3);
  mixture.fit(points, { maxIterations: 3 });
  GaussianMixture.fromParameters(mixture.parameters).dispose();
  expect(tf.memory().numTensors).toBe(made);
  const results = [
    mixture.logLikelihood(points),
    mixture.responsibilities(points),
    mixture.predict(points),
    mixture.sample(3, 0),
  ];
  expect(tf.memory().numTensors).toBe(made + 4);
  tf.dispose(results);
  mixture.dispose();
  expect(tf.memory().numTensors).toBe(start);
});

it('refuses what does not fit', () => {
  const before = tf.memory().numTensors;
  const make = (config: object) => () => new GaussianMixture(config);
  expect(make({ components: 0 })).toThrow('GaussianMixture: components must be a positive integer, got 0.');
  expect(make({ covariance: 'diagonal' })).toThrow(
    'GaussianMixture: covariance must be one of diag, full, got diagonal.',
  );
  expect(make({ dimensions: 0 })).toThrow('GaussianMixture: dimensions must be a positive integer, got 0.');
  const indefinite = {
    weights: [1],
    means: [[0, 0]],
    covariances: [
      [
        [1, 2],
        [2, 1],
      ],
    ],
  };
  expect(() => GaussianMixture.fromParameters({ ...indefinite, weights: [1, 1] } as never)).toThrow(
    'init must have weights [1]',
  );
  expect(tf.memory().numTensors).toBe(before);
  const mixture = new GaussianMixture();
  expect(() => mixture.fit([[1, 2, 3]])).toThrow(
    'GaussianMixture: points must be [N, 2], got rows of 3. Set dimensions',
  );
  expect(() => mixture.logLikelihood(tf.zeros([3]) as never)).toThrow('points must be [B, 2]');
  expect(() => mixture.fit([[1, 2]])).toThrow('components must be an integer from 1 to 1, the number of rows, got 2.');
  expect(() => mixture.fit(clouds(), { maxIterations: -1 })).toThrow(
    'maxIterations must be an integer from 0, got -1.',
  );
  expect(() => mixture.fit(clouds(), { tolerance: Number.NaN })).toThrow('tolerance must be a number from 0, got NaN.');
  expect(() => mixture.sample(1, 0, { temperature: -1 })).toThrow('temperature must be 0 or more, got -1');
  expect(() => mixture.sample(0, 0)).toThrow('count must be a positive integer, got 0');
});
