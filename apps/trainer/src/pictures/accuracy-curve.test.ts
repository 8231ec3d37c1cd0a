import { readPng } from '@proj/io';
import { expect, it } from 'vitest';
import { accuracyCurvePng } from './accuracy-curve.ts';

it('draws each curve in its colour where its values are', () => {
  const png = accuracyCurvePng(
    [0, 1, 2],
    [
      [1, 0.5, 0],
      [1, 1, 1],
    ],
    248, // 200 pixels within the margins
  );
  const { data, shape } = readPng(png);
  expect(shape).toEqual([248, 248, 3]);
  const at = (x: number, y: number) => [...data.subarray(3 * (y * 248 + x), 3 * (y * 248 + x) + 3)].join(' ');
  const [blue, red] = ['68 119 170', '238 102 119'];
  expect([at(124, 124), at(224, 224)]).toEqual([blue, blue]); // (1, 0.5) and (2, 0)
  expect([at(74, 74), at(174, 174)]).toEqual([blue, blue]); // between the points
  expect([at(124, 24), at(224, 24)]).toEqual([red, red]);
  expect(at(174, 90)).toBe('255 255 255');
});
