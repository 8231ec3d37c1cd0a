import { readPng } from '@proj/io';
import { expect, it } from 'vitest';
import { classColour } from './palette.ts';
import { rocCurvePng } from './roc-curve.ts';

it('draws the curve where it is, from corner to corner', () => {
  const { data, shape } = readPng(rocCurvePng({ fpr: Float64Array.of(0, 0, 1), tpr: Float64Array.of(0, 0.8, 1) }, 200));
  expect(shape).toEqual([200, 200, 3]);
  // The frame is 20 pixels from the edge: rates (x, y) are at (20 + 160 x, 20 + 160 (1 - y)).
  const isCurve = (x: number, y: number) => {
    const at = 3 * (Math.round(20 + 160 * (1 - y)) * 200 + Math.round(20 + 160 * x));
    return classColour(0).every((value, c) => Math.abs(data[at + c]! - value) < 60);
  };
  for (const [x, y] of [
    [0, 0],
    [0, 0.4],
    [0, 0.8],
    [0.5, 0.9],
    [1, 1],
  ] as const)
    expect([x, y, isCurve(x, y)]).toEqual([x, y, true]);
  for (const [x, y] of [
    [0.1, 0.4],
    [0.5, 0.8],
    [0.5, 0.5],
  ] as const)
    expect([x, y, isCurve(x, y)]).toEqual([x, y, false]);
});

// Digits are 6 wide and 10 high: one at the origin, one at the end of each axis.
it('says where the axes begin and end', () => {
  const { data } = readPng(rocCurvePng({ fpr: Float64Array.of(0, 1), tpr: Float64Array.of(0, 1) }, 200));
  const inked = (left: number, top: number) => {
    let count = 0;
    for (let y = top; y < top + 10; y++)
      for (let x = left; x < left + 6; x++) if (data[3 * (y * 200 + x)]! < 200) count++;
    return count / 4; // dots of 2 x 2
  };
  expect([inked(8, 185), inked(177, 185), inked(8, 15)]).toEqual([12, 8, 8]); // 0, 1 and 1 of the 3 x 5 font
});
