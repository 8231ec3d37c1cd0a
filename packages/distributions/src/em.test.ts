import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { fitGaussianMixture } from './em.ts';
import { normal } from './random.ts';

const closeTo = (got: number[], golden: number[], tolerance: number) => {
  expect(got.length).toBe(golden.length);
  got.forEach((v, i) => {
    expect(Math.abs(v - golden[i]!)).toBeLessThan(tolerance);
  });
};
const numbers = (t: tf.Tensor) => tf.tidy(() => [...t.dataSync()]);

/** `n` rows about each centre, of unit variance in both axes. */
const clouds = (centers: [number, number][], n: number, seed: number): number[][] => {
  const eps = normal(2 * n * centers.length, seed);
  return centers.flatMap(([a, b], c) =>
    Array.from({ length: n }, (_, i) => [a + eps[2 * (c * n + i)]!, b + eps[2 * (c * n + i) + 1]!]),
  );
};

const rising = (logLikelihoods: number[]) => {
  for (let i = 1; i < logLikelihoods.length; i++) {
    const slack = 1e-12 * Math.abs(logLikelihoods[i]!); // rounding
    expect(logLikelihoods[i]!).toBeGreaterThanOrEqual(logLikelihoods[i - 1]! - slack);
  }
};

// Golden: systems.md 6.7.
it.each(['full', 'diagonal'] as const)('the golden run on five numbers, %s', (covariance) => {
  const data = [[-2], [-1], [0], [4], [5]];
  const variances = covariance === 'full' ? [[[1]], [[1]]] : [[1], [1]];
  const init = { weights: [0.5, 0.5], means: [[-1], [1]], covariances: variances as number[][][] };
  const run = (maxIterations: number) =>
    fitGaussianMixture(data, { components: 2, covariance, init: init as never, maxIterations });
  const four = run(4);
  closeTo(four.logLikelihoods, [-20.721823, -10.56384, -10.201224, -9.373614, -8.466503], 6e-7);
  expect([four.iterations, four.converged]).toEqual([4, false]);
  // In nats per row the first three iterations gain 2.032, 0.073 and 0.166.
  const stop = (tolerance: number) => {
    const fit = fitGaussianMixture(data, {
      components: 2,
      covariance,
      init: init as never,
      maxIterations: 3,
      tolerance,
    });
    return [fit.iterations, fit.converged];
  };
  expect(stop(0.08)).toEqual([2, true]);
  expect(stop(0.07)).toEqual([3, false]);
  const one = run(1);
  closeTo(one.weights, [0.472638, 0.527362], 6e-7);
  closeTo(one.means.flat(), [-1.203142, 3.353773], 6e-7);
  closeTo((one.covariances as number[][][]).flat(3), [0.590096, 4.371336], 6e-7);
});

// Golden: three iterations in numpy, with scipy 1.17.1's stats.multivariate_normal.logpdf, special.logsumexp and
// np.cov(x.T, aweights=r[k], ddof=0), float64.
it('three iterations with full covariances in the plane', () => {
  const data = [
    [0, 0],
    [1, 0.5],
    [0.5, 1.5],
    [4, 4],
    [5, 3],
    [4.5, 5.5],
    [2, 3],
  ];
  const unit = [
    [1, 0],
    [0, 1],
  ];
  const init = {
    weights: [0.5, 0.5],
    means: [
      [0, 1],
      [4, 4],
    ],
    covariances: [unit, unit],
  };
  const fit = fitGaussianMixture(tf.tensor(data), { components: 2, covariance: 'full', init, maxIterations: 3 });
  closeTo(
    fit.logLikelihoods,
    [-23.640582360967056, -20.948033700743405, -20.906305677647538, -20.793924116319385],
    1e-9,
  );
  closeTo(fit.weights, [0.4385449027706509, 0.5614550972293493], 1e-9);
  closeTo(fit.means.flat(), [0.5356542861658459, 0.7217655448308479, 3.9071031371010148, 3.8889546289523156], 1e-9);
  closeTo(
    fit.covariances.flat(2),
    [
      0.21523819816133433, 0.1630556319802887, 0.16305563198028872, 0.5064197031640821, 1.26263202253178,
      0.40588853188006896, 0.40588853188006896, 1.0575013590389073,
    ],
    1e-9,
  );
});

it.each(['full', 'diagonal'] as const)(
  'finds three clouds, as a distribution with that likelihood, %s',
  (covariance) => {
    const centers: [number, number][] = [
      [0, 0],
      [8, 0],
      [0, 9],
    ];
    const data = clouds(centers, 400, 1);
    const fit = fitGaussianMixture(data, { components: 3, covariance, seed: 2 });
    rising(fit.logLikelihoods);
    expect(fit.converged).toBe(true);
    // 5 standard errors of a mean, 1 / sqrt(400), and of a variance, sqrt(2 / 400).
    for (const center of centers) {
      const k = fit.means.findIndex((mean) => Math.hypot(mean[0]! - center[0], mean[1]! - center[1]) < 1);
      closeTo(fit.means[k]!, center, 5 / 20);
      expect(fit.weights[k]!).toBeCloseTo(1 / 3, 2);
      const c = (fit.covariances[k] as number[]).flat();
      closeTo(c, covariance === 'full' ? [1, 0, 0, 1] : [1, 1], 5 * Math.sqrt(2 / 400));
    }
    const { distribution } = fit;
    expect([distribution.batchShape, distribution.eventShape]).toEqual([[], [2]]);
    const total = tf.tidy(() => numbers(tf.sum(distribution.logProb(data)))[0]!);
    expect(Math.abs(total / fit.logLikelihoods.at(-1)! - 1)).toBeLessThan(1e-5);
    distribution.dispose();
  },
);

it('the same seed gives the same fit, and a tensor the same as numbers', () => {
  const data = clouds(
    [
      [0, 0],
      [2, 2],
    ],
    40,
    3,
  ).map((row) => row.map(Math.fround));
  const fit = (seed: number, x: tf.Tensor | number[][] = data) => {
    const { distribution, ...rest } = fitGaussianMixture(x, { components: 4, covariance: 'full', seed });
    distribution.dispose();
    return rest;
  };
  expect(fit(5)).toEqual(fit(5));
  expect(fit(5, tf.tensor(data))).toEqual(fit(5));
  expect(fit(5).means).not.toEqual(fit(6).means);
});

it('likelihood rises for any start, also against the floor', () => {
  const line = clouds(
    [
      [0, 0],
      [4, 4],
    ],
    30,
    7,
  ).map(([a]) => [a!, 2 * a!]); // no variance across the line
  for (const covariance of ['full', 'diagonal'] as const) {
    for (let seed = 0; seed < 10; seed++) {
      const fit = fitGaussianMixture(line, { components: 5, covariance, seed, varianceFloor: 0.01, tolerance: 0 });
      rising(fit.logLikelihoods);
      for (const c of fit.covariances) {
        const least = covariance === 'full' ? leastEigenvalue(c as number[][]) : Math.min(...(c as number[]));
        expect(least).toBeGreaterThan(0.01 - 1e-12);
      }
      fit.distribution.dispose();
    }
  }
});

// A line through the origin with slope 2: variance v along (1, 2) / sqrt 5, the floor across it.
it('the floor raises the variance in the directions that lack it, and leaves the others', () => {
  const line = [-2, -1, 0, 1, 2].map((a) => [a, 2 * a]);
  const fit = fitGaussianMixture(line, { components: 1, covariance: 'full', varianceFloor: 0.25 });
  const along = 10; // mean of 5 a^2
  const [[a, b], [, d]] = fit.covariances[0] as [[number, number], [number, number]];
  closeTo([a, b, d], [along / 5 + 0.25 * 0.8, (along * 2) / 5 - 0.25 * 0.4, (along * 4) / 5 + 0.25 * 0.2], 1e-9);
  const one = fitGaussianMixture(
    [
      [1, 1],
      [1, 1],
    ],
    { components: 1, covariance: 'full' },
  );
  expect(one.covariances[0]).toEqual([
    [1e-6, 0],
    [0, 1e-6],
  ]);
});

it('components without data keep their place, with weight 0', () => {
  const same = [
    [1, 2],
    [1, 2],
    [1, 2],
  ];
  const fit = fitGaussianMixture(same, { components: 3, covariance: 'diagonal', seed: 0 });
  expect(fit.means).toEqual(same);
  expect(fit.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(fit.logLikelihoods.every(Number.isFinite)).toBe(true);
  const far = fitGaussianMixture([[0], [1]], {
    components: 2,
    covariance: 'full',
    init: { weights: [0.5, 0.5], means: [[0], [1e6]], covariances: [[[1]], [[1]]] },
  });
  expect(far.weights).toEqual([1, 0]);
  expect(far.means).toEqual([[0.5], [1e6]]);
  expect(numbers(far.distribution.mean())).toEqual([0.5]);
});

it('says what it cannot fit', () => {
  const fit = (data: number[][], options: object = {}) =>
    fitGaussianMixture(data, { components: 1, covariance: 'full', ...options });
  expect(() => fit([])).toThrow('data must have shape [N, D], got [0, 0]');
  expect(() => fit([[1], [1, 2]])).toThrow('got rows of different lengths');
  expect(() => fitGaussianMixture(tf.zeros([3]), { components: 1, covariance: 'full' })).toThrow('got [3]');
  expect(() =>
    fit([
      [1, 2],
      [3, Number.NaN],
    ]),
  ).toThrow('data must be finite, got NaN at [1, 1].');
  expect(() => fit([[1]], { components: 2 })).toThrow(
    'components must be an integer from 1 to 1, the number of rows, got 2.',
  );
  expect(() => fit([[1]], { covariance: 'tied' })).toThrow("covariance must be 'full' or 'diagonal', got tied.");
  expect(() => fit([[1]], { maxIterations: -1 })).toThrow('maxIterations must be an integer from 0, got -1.');
  expect(() => fit([[1]], { tolerance: Number.NaN })).toThrow('tolerance must be a number from 0, got NaN.');
  expect(() => fit([[1]], { varianceFloor: 0 })).toThrow('varianceFloor must be positive and finite, got 0.');
  const init = { weights: [1], means: [[0, 0]], covariances: [[[1]]] };
  expect(() => fit([[1]], { init })).toThrow('init must have weights [1], means [1, 1] and covariances [1, 1, 1]');
  expect(() => fit([[1]], { init: { ...init, means: [[0]], weights: [0] } })).toThrow('weights from 0, not all 0');
});

it("leaves no tensor but the distribution's", () => {
  const before = tf.memory().numTensors;
  const { distribution } = fitGaussianMixture(
    [
      [1, 2],
      [3, 5],
      [2, 2],
    ],
    { components: 2, covariance: 'full', seed: 1 },
  );
  expect(tf.memory().numTensors).toBe(before + 3);
  distribution.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

function leastEigenvalue(symmetric: number[][]): number {
  const [a, b, , d] = symmetric.flat() as [number, number, number, number];
  return (a + d) / 2 - Math.hypot((a - d) / 2, b);
}
