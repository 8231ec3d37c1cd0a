import { expect, it } from 'vitest';
import { principalPlane } from './principal-plane.ts';

it('two axes are shown as they are', () => {
  const plane = principalPlane(Float32Array.of(1, 2, 3, 4), 2);
  expect([...plane.coordinates]).toEqual([1, 2, 3, 4]);
  expect(plane.at(5, 6)).toEqual([5, 6]);
  expect(plane.explained).toBe(1);
});

// Closed form: points at ±3 along (1, 1, 0)/√2, ±2 along (1, -1, 0)/√2 and ±1 along the third axis, around (1, 2, 3).
// The variances are 18/6, 8/6 and 2/6, so the plane of the first two shows 26/28.
it('more axes: the plane of largest variance through the mean', () => {
  const r = Math.SQRT1_2;
  const offsets = [
    [3 * r, 3 * r, 0],
    [2 * r, -2 * r, 0],
    [0, 0, 1],
  ];
  const codes = offsets.flatMap(([a, b, c]) => [1, -1].flatMap((s) => [1 + s * a!, 2 + s * b!, 3 + s * c!]));
  const plane = principalPlane(Float32Array.from(codes), 3);
  expect(plane.explained).toBeCloseTo(26 / 28, 6);
  expect(Math.abs(plane.coordinates[0]!)).toBeCloseTo(3, 5);
  expect(plane.coordinates[1]).toBeCloseTo(0, 5);
  expect(Math.abs(plane.coordinates[2 * 2 + 1]!)).toBeCloseTo(2, 5);
  const back = plane.at(plane.coordinates[0]!, plane.coordinates[1]!);
  [1 + 3 * r, 2 + 3 * r, 3].forEach((x, d) => {
    expect(back[d]).toBeCloseTo(x, 5);
  });
});

it('one axis and equal codes do not break it', () => {
  expect([...principalPlane(Float32Array.of(1, 3), 1).coordinates].map(Math.abs)).toEqual([1, 0, 1, 0]);
  expect(principalPlane(new Float32Array(9), 3).explained).toBe(1);
});
