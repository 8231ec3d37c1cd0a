import { expect, it } from 'vitest';
import { tileGrid } from './tile-grid.ts';

it('lays three pictures of 1 x 2 in two columns', () => {
  const grid = tileGrid({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 1, 2, 1] }, { gap: 1, background: 9 });
  expect(grid.shape).toEqual([5, 7, 1]);
  expect(Array.from({ length: 5 }, (_, y) => [...grid.data.subarray(y * 7, y * 7 + 7)].join(''))).toEqual([
    '9999999',
    '9129349',
    '9999999',
    '9569999',
    '9999999',
  ]);
});

it('takes floats of [0, 1] and several channels', () => {
  const data = Float32Array.of(0, 0.5, 1, 1, 0, 0.25);
  expect(tileGrid({ data, shape: [2, 1, 1, 3] }, { columns: 1, gap: 0 })).toEqual({
    data: Uint8Array.of(0, 128, 255, 255, 0, 64),
    shape: [2, 1, 3],
  });
});

it('takes what rounding adds to 0 and 1', () => {
  const grid = tileGrid({ data: Float32Array.of(-1e-7, 1.0000001), shape: [1, 1, 2, 1] }, { gap: 0 });
  expect([...grid.data]).toEqual([0, 255]);
});

it('makes no more columns than pictures', () => {
  expect(tileGrid({ data: new Uint8Array(2), shape: [2, 1, 1, 1] }, { columns: 50, gap: 0 }).shape).toEqual([1, 2, 1]);
});

it.each<[string, Float32Array, number[], object, string]>([
  ['NaN', Float32Array.of(Number.NaN), [1, 1, 1, 1], {}, 'got NaN at index 0'],
  ['a byte as float', Float32Array.of(255), [1, 1, 1, 1], {}, 'got 255 at index 0'],
  ['nothing', new Float32Array(0), [0, 28, 28, 1], {}, 'with pixels in it'],
  ['a matrix', new Float32Array(4), [2, 2], {}, 'expected shape [N, H, W, 1 to 4]'],
  ['half a column', new Float32Array(4), [1, 2, 2, 1], { columns: 1.5 }, 'columns must be a whole number'],
  ['a negative gap', new Float32Array(4), [1, 2, 2, 1], { gap: -1 }, 'gap must be a whole number'],
])('refuses %s', (_, data, shape, options, says) => {
  expect(() => tileGrid({ data, shape }, options)).toThrow(RangeError);
  expect(() => tileGrid({ data, shape }, options)).toThrow(says);
});
