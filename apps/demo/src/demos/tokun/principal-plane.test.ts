import { normal } from '@proj/distributions/random';
import { expect, it } from 'vitest';
import { principalPlane, project } from './principal-plane.ts';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** M points x u + y v + w, where x and y have variances 9 and 4 exactly and are uncorrelated: four corners over and over. */
const u = [0.6, 0, 0.8, 0];
const v = [-0.8, 0, 0.6, 0];
const w = [5, -3, 2, 1];
const corners = [
  [3, 2],
  [3, -2],
  [-3, 2],
  [-3, -2],
] as const;
const rows = Float32Array.from(corners.flatMap(([x, y]) => w.map((c, j) => c + x * u[j]! + y * v[j]!)));

// By hand: the covariance is 9 u u^T + 4 v v^T, so u and v are its eigenvectors.
it('finds the axes of the largest variance, and their shares', () => {
  const { mean, axes, shares } = principalPlane(rows, 4);
  w.forEach((c, j) => {
    expect(mean[j]).toBeCloseTo(c, 5);
  });
  expect(dot(axes[0], u)).toBeCloseTo(1, 6); // the largest of u, 0.8, is positive
  expect(dot(axes[1], v)).toBeCloseTo(-1, 6); // that of v, -0.8, is not: it is turned
  expect(shares[0]).toBeCloseTo(9 / 13, 6);
  expect(shares[1]).toBeCloseTo(4 / 13, 6);
});

it('puts rows on the plane', () => {
  const points = project(rows, principalPlane(rows, 4));
  corners.forEach(([x, y], i) => {
    expect(points[2 * i]).toBeCloseTo(x, 5);
    expect(points[2 * i + 1]).toBeCloseTo(-y, 5);
  });
});

it('no plane through the mean holds more variance', () => {
  const [count, width] = [300, 6];
  const scales = [3, 2.5, 2, 1, 0.5, 0.1];
  const draws = normal(count * width, 3).map((value, i) => value * scales[i % width]!);
  const plane = principalPlane(draws, width);
  expect(dot(plane.axes[0], plane.axes[1])).toBeCloseTo(0, 9);
  const held = (points: Float32Array) => points.reduce((sum, value) => sum + value * value, 0);
  const best = held(project(draws, plane));
  for (let i = 0; i < width; i++) {
    for (let j = i + 1; j < width; j++) {
      const axis = (of: number) => Float64Array.from({ length: width }, (_, k) => (k === of ? 1 : 0));
      expect(held(project(draws, { ...plane, axes: [axis(i), axis(j)] }))).toBeLessThanOrEqual(best * (1 + 1e-9));
    }
  }
});

it('one row is in the middle, two lie on one axis', () => {
  const one = principalPlane(rows.subarray(0, 4), 4);
  expect(one.shares).toEqual([0, 0]);
  expect(Array.from(project(rows.subarray(0, 4), one))).toEqual([0, 0]);
  const two = principalPlane(rows.subarray(0, 8), 4); // they differ by 4 v
  expect(two.shares[0]).toBeCloseTo(1, 6);
  expect(two.shares[1]).toBeCloseTo(0, 6);
  const points = project(rows.subarray(0, 8), two);
  expect(Math.abs(points[0]! - points[2]!)).toBeCloseTo(4, 5);
  expect(Math.abs(points[1]! - points[3]!)).toBeCloseTo(0, 5);
});
