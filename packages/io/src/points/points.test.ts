import { expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { gaussianClusters, threeClusters } from './gaussian-clusters.ts';
import { readPointsJson, readPointsText } from './points-text.ts';

const one = [{ weight: 1, mean: [0], factor: [[1]] }];

it('pins its numbers: the points must not change between versions or machines', () => {
  const { points, labels } = gaussianClusters({ count: 3, seed: 0 });
  expect(points.shape).toEqual([3, 2]);
  expect([...labels.data]).toEqual([1, 2, 1]);
  expect([...points.data]).toEqual([
    2.0341310501098633, -0.15599924325942993, 0.0833728015422821, 5.219944000244141, 5.440969467163086,
    2.951911211013794,
  ]);
});

it('point i depends on the seed and on i alone', () => {
  const many = gaussianClusters({ count: 100, seed: 3 });
  expect(gaussianClusters({ count: 40, seed: 3 }).points.data).toEqual(many.points.data.subarray(0, 80));
  expect(gaussianClusters({ count: 40, seed: 4 }).points.data).not.toEqual(many.points.data.subarray(0, 80));
});

// Kolmogorov-Smirnov: sqrt(n) D passes 2.7 for one right sampler in a million. 5 standard errors for the moments: of x^4, sqrt(96 / n).
it('draws are normal', () => {
  const n = 50_000;
  const x = gaussianClusters({ count: n, seed: 1, clusters: one }).points.data.sort();
  let distance = 0;
  x.forEach((value, i) => {
    distance = Math.max(distance, Math.abs(normalCdf(value) - (i + 0.5) / n));
  });
  expect(distance * Math.sqrt(n)).toBeLessThan(2.7);
  const moment = (power: number) => x.reduce((sum, v) => sum + v ** power, 0) / n;
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
});

// 5 standard errors of a share, of means, and of covariances (at most sqrt(2 / n) times the largest variance).
it('each cluster has its share, mean and covariance', () => {
  const n = 20_000;
  const { points, labels } = gaussianClusters({ count: n, seed: 2 });
  threeClusters.forEach(({ weight, mean, factor }, k) => {
    const rows = [...labels.data.keys()]
      .filter((i) => labels.data[i] === k)
      .map((i) => points.data.subarray(2 * i, 2 * i + 2));
    expect(Math.abs(rows.length / n - weight)).toBeLessThan(5 * Math.sqrt((weight * (1 - weight)) / n));
    const [[a], [b, c]] = factor as [[number], [number, number]];
    const covariance = [a * a, a * b, b * b + c * c] as const;
    const most = Math.max(...covariance);
    const average = (f: (row: Float32Array) => number) => rows.reduce((sum, row) => sum + f(row), 0) / rows.length;
    const off = [0, 1].map((axis) => average((row) => row[axis]! - mean[axis]!));
    for (const error of off) expect(Math.abs(error)).toBeLessThan(5 * Math.sqrt(most / rows.length));
    const products = [
      [0, 0],
      [0, 1],
      [1, 1],
    ] as const;
    products.forEach(([i, j], at) => {
      const got = average((row) => (row[i]! - mean[i]!) * (row[j]! - mean[j]!));
      expect(Math.abs(got - covariance[at]!)).toBeLessThan(5 * most * Math.sqrt(2 / rows.length));
    });
  });
});

it.each([
  [{ count: -1, seed: 0 }, 'gaussianClusters: count must be a whole number from 0 to 10,000,000, got -1.'],
  [{ count: 1, seed: 0.5 }, 'gaussianClusters: a seed is a non-negative safe integer, got 0.5'],
  [{ count: 1, seed: 0, clusters: [] }, 'expected 1 to 256 clusters'],
  [
    { count: 1, seed: 0, clusters: [...one, { weight: 0, mean: [0], factor: [[1]] }] },
    'got 2, number 1 of which does not fit.',
  ],
  [
    { count: 1, seed: 0, clusters: [{ weight: 1, mean: [0, 0], factor: [[1], [1]] }] },
    'number 0 of which does not fit',
  ],
])('refuses %j', (options, message) => {
  expect(() => gaussianClusters(options)).toThrow(RangeError);
  expect(() => gaussianClusters(options)).toThrow(message);
});

it.each([
  ['tabs', '1\t2\n3\t-4.5e-1\n'],
  ['commas, a header and a byte order mark', '\ufeffx,y\r\n1,2\r\n\r\n3, -0.45'],
  ['semicolons', '1;2\n3;-0.45'],
  ['spaces', ' 1  2\n 3 -.45 '],
])('reads text: %s', (_, text) => {
  expect(readPointsText(text, 'f')).toEqual({ data: Float32Array.of(1, 2, 3, -0.45), shape: [2, 2] });
});

it('reads JSON', () => {
  expect(readPointsJson('[[1, 2, 3], [4, 5, 6]]', 'f')).toEqual({
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
    shape: [2, 3],
  });
});

it.each([
  [readPointsText, '', 'f: expected rows of numbers, got none.'],
  [readPointsText, 'x\ty\n', 'f: expected rows of numbers, got none.'],
  [readPointsText, '1,2\n3,x', "f: line 2: expected finite numbers, got 'x'. Keep a header in the first line."],
  [readPointsText, '1,2\n3,', "f: line 2: expected finite numbers, got ''."],
  [readPointsText, '1,2\n3,Infinity', "got 'Infinity'"],
  [readPointsText, '1,2\n\n3', 'f: line 3: expected 2 numbers as in the first row, got 1.'],
  [readPointsJson, '[[1,', 'f: expected JSON, got a fault'],
  [readPointsJson, '{"a": 1}', 'f: expected an array of rows, [[1, 2], [3, 4]], got a object.'],
  [readPointsJson, '[[1], [null]]', 'f: row 1: expected an array of numbers, got [null].'],
  [readPointsJson, '[[1], 2]', 'f: row 1: expected an array of numbers, got 2.'],
  [readPointsJson, '[[1], [2, 3]]', 'f: row 1: expected 1 numbers as in the first row, got 2.'],
  [readPointsJson, '[]', 'f: expected rows of numbers, got none.'],
])('%o refuses %j', (read, text, message) => {
  expect(() => read(text, 'f')).toThrow(DataError);
  expect(() => read(text, 'f')).toThrow(message);
});

/** Of the standard normal, by its series: exact to float64 for |x| below 6. */
function normalCdf(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
