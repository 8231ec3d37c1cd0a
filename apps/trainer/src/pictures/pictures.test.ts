import { readPng } from '@proj/io';
import { expect, it } from 'vitest';
import { Canvas } from './canvas.ts';
import { imageGridPng, reconstructionGridPng, stackedGridPng } from './grids.ts';
import { centralRange, latentPlanePng } from './latent-plane.ts';
import { mixturePlanePng } from './mixture-plane.ts';
import { classColour } from './palette.ts';
import type { Plane } from './principal-plane.ts';

const SHAPE = { height: 2, width: 2, channels: 1 };

it('a disc covers its area and keeps inside', () => {
  const canvas = new Canvas(40, 40);
  canvas.disc(20, 20, 10, [0, 0, 0]);
  const ink = canvas.data.reduce((sum, value) => sum + (255 - value) / 255, 0) / 3;
  expect(Math.abs(ink - Math.PI * 100)).toBeLessThan(6); // anti-aliased: the covered area to 2 %
  canvas.disc(-5, 45, 10, [0, 0, 0]); // partly outside: no error
  expect(canvas.data).toHaveLength(40 * 40 * 3);
});

it('originals stand above their reconstructions, row by row', () => {
  const fill = (...values: number[]) => Float32Array.from(values.flatMap((value) => [value, value, value, value]));
  const png = readPng(reconstructionGridPng(fill(1, 0.8, 0.6), fill(0.4, 0.2, 0), SHAPE, 2));
  const [, width, channels] = png.shape as [number, number, number];
  const at = (x: number, y: number) => png.data[(y * width + x) * channels];
  const step = 6; // 2 pixels and a gap of 1, doubled
  const centre = (tile: number) => 3 + tile * step;
  expect([at(centre(0), centre(0)), at(centre(1), centre(0))]).toEqual([255, 204]);
  expect([at(centre(0), centre(1)), at(centre(1), centre(1))]).toEqual([102, 51]);
  expect(at(centre(0), centre(2))).toBe(153);
  expect(at(centre(0), centre(3))).toBe(0);
});

it('values outside [0, 1] are drawn as black and white', () => {
  const png = readPng(imageGridPng(Float32Array.of(-1, 2, 0, 1), SHAPE, 1, 0));
  expect([...new Set(png.data)].sort((a, b) => a - b)).toEqual([0, 255]);
});

it('the plane shows each code in the colour of its class', () => {
  const plane = { coordinates: Float64Array.of(-1, -1, 1, 1), explained: 1, at: (u: number, v: number) => [u, v] };
  const { data, shape } = readPng(latentPlanePng(plane, Uint8Array.of(3, 7), 100));
  const [height, width] = shape as [number, number, number];
  expect([height, width]).toEqual([100, 144]);
  const pixel = (u: number, v: number) => {
    const size = 2 * 1.08;
    const [x, y] = [Math.floor(((u + size / 2) / size) * 100), Math.floor(100 - ((v + size / 2) / size) * 100)];
    return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  };
  const mixed = (label: number) => classColour(label).map((c) => Math.round(255 * 0.25 + c * 0.75));
  expect(pixel(-1, -1)).toEqual(mixed(3));
  expect(pixel(1, 1)).toEqual(mixed(7));
});

it('the range leaves out the outermost percent and is never empty', () => {
  const values = Float64Array.from({ length: 1001 }, (_, i) => i);
  expect(centralRange(values)).toEqual([5, 995]);
  expect(centralRange(Float64Array.of(2, 2))).toEqual([1, 3]);
});

it('three versions of an image stand above each other', () => {
  const fill = (...values: number[]) => Float32Array.from(values.flatMap((value) => [value, value, value, value]));
  const png = readPng(stackedGridPng([fill(1, 0.8), fill(0.6, 0.4), fill(0.2, 0)], SHAPE, 1));
  const [, width, channels] = png.shape as [number, number, number];
  const rows = [0, 1, 2, 3, 4, 5].map((tile) => png.data[((3 + tile * 6) * width + 3) * channels]);
  expect(rows).toEqual([255, 153, 51, 204, 102, 0]);
});

// The ellipses of a covariance L L' pass through mean + s L (cos t, sin t).
it.each([
  ['diagonal', [4, 1], [2, 0], [0, 1]],
  [
    'full',
    [
      [4, 1.2],
      [1.2, 1],
    ],
    [2, 0.6],
    [0, 0.8],
  ],
] as const)('ellipses at one and two standard deviations, %s', (_, covariance, first, second) => {
  const coordinates = Float64Array.of(-5, -5, 5, 5); // bounds: 10.8 wide, centred
  const flat: Plane = { coordinates, explained: 1, at: (u, v) => [u, v] };
  // The same plane in three dimensions: axes 2 and 0, moved by (7, 8, 9); the covariance has those axes too.
  const deep: Plane = { coordinates, explained: 1, at: (u, v) => [7 + v, 8, 9 + u] };
  const at3 = (i: number, j: number) => {
    const [a, b] = [[1, -1, 0][i]!, [1, -1, 0][j]!];
    const entry = (row: number | readonly number[]) => (typeof row === 'number' ? (a === b ? row : 0) : row[b]!);
    return a < 0 || b < 0 ? Number(i === j) : entry(covariance[a]!);
  };
  const deepCovariance = [0, 1, 2].map((i) => [0, 1, 2].map((j) => at3(i, j)));
  const pictures = [
    mixturePlanePng(flat, Uint8Array.of(0, 0), { means: [[1, -1]], covariances: [covariance] }, 200),
    mixturePlanePng(deep, Uint8Array.of(0, 0), { means: [[6, 0, 10]], covariances: [deepCovariance] }, 200),
  ].map((png) => readPng(png));
  for (const { data, shape } of pictures) {
    const inked = (u: number, v: number) => {
      const [x, y] = [Math.floor(((u + 5.4) / 10.8) * 200), Math.floor(200 - ((v + 5.4) / 10.8) * 200)];
      return data[3 * (y * shape[1]! + x)]! < 200; // red of class 0 is 68, of the axes 214
    };
    for (const deviations of [1, -1, 2]) {
      for (const [du, dv] of [first, second]) expect(inked(1 + deviations * du, -1 + deviations * dv)).toBe(true);
    }
    expect([inked(1, -1), inked(1 + 1.5 * first[0], -1 + 1.5 * first[1])]).toEqual([false, false]);
  }
});
