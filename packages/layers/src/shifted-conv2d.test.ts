import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { expect, it } from 'vitest';
import { expectGolden } from './fixtures/golden.ts';
import {
  type ShiftDirection,
  type ShiftedConv2dOptions,
  shiftedConv2d,
  shiftedConv2dTranspose,
} from './shifted-conv2d.ts';

// Golden: OpenAI's definitions in PyTorch, fixtures/layers.py; among them windows that leave the last rows unseen ([5, 2]: all).
it.each<[string, ShiftedConv2dOptions]>([
  ['shifted down 2x3', { direction: 'down' }],
  ['shifted down 3x1, strides 2', { direction: 'down', strides: 2 }],
  ['shifted down 2x3, strides 2', { direction: 'down', strides: 2 }],
  ['shifted down-right 2x2', { direction: 'down-right' }],
  ['shifted down-right 2x2, strides 2', { direction: 'down-right', strides: [2, 2] }],
  ['shifted down-right 1x1, strides 2 and 3', { direction: 'down-right', strides: [2, 3] }],
  ['shifted down 2x3 by [1, 0]', { direction: 'down', shift: [1, 0] }],
  ['shifted down-right 2x1 by [0, 1]', { direction: 'down-right', shift: [0, 1] }],
  ['shifted down-right 1x2 by [5, 2]', { direction: 'down-right', shift: [5, 2] }],
])('%s: PyTorch, gradients too', (name, options) => {
  expectGolden(name, ({ x, kernel, bias }) => shiftedConv2d(x!, kernel!, bias, options));
});

it.each<[string, ShiftDirection, number | [number, number]]>([
  ['transposed down 2x3, strides 2', 'down', 2],
  ['transposed down-right 2x2, strides 2', 'down-right', 2],
  ['transposed down 3x3', 'down', 1],
  ['transposed down-right 1x2, strides 2 and 3', 'down-right', [2, 3]],
])('%s: PyTorch, gradients too', (name, direction, strides) => {
  expectGolden(name, ({ x, kernel, bias }) => shiftedConv2dTranspose(x!, kernel!, bias, { direction, strides }));
});

const SIZE = 6;

/** Pixels [row, column] of a 6 x 6 image that output (row, column) of a net of all-ones kernels sees. */
function seen(net: (x: tf.Tensor) => tf.Tensor, row: number, column: number): string[] {
  const pixel = (x: tf.Tensor) => tf.sum(tf.slice(net(x), [0, row, column, 0], [1, 1, 1, 1]));
  const slopes = tf
    .grad(pixel)(tf.ones([1, SIZE, SIZE, 1]))
    .dataSync();
  return [...slopes].flatMap((slope, i) => (slope === 0 ? [] : [`${Math.floor(i / SIZE)} ${i % SIZE}`]));
}

/** Every pixel of rows and columns from and to (inclusive) that lies in the image. */
function block(rows: [number, number], columns: [number, number]): string[] {
  const range = ([from, to]: [number, number]) =>
    Array.from({ length: SIZE }, (_, i) => i).filter((i) => from <= i && i <= to);
  return range(rows).flatMap((i) => range(columns).map((j) => `${i} ${j}`));
}

it.each([0, 1, 3, 5])('sees what its direction says, and no more: column %i', (column) => {
  const ones = (...size: number[]) => tf.ones([...size, 1, 1]);
  const conv = (size: number[], options: ShiftedConv2dOptions) => (x: tf.Tensor) =>
    shiftedConv2d(x, ones(...size), undefined, options);
  expect(seen(conv([2, 3], { direction: 'down' }), 3, column)).toEqual(block([2, 3], [column - 1, column + 1]));
  expect(seen(conv([2, 2], { direction: 'down-right' }), 3, column)).toEqual(block([2, 3], [column - 1, column]));
  // The three first convolutions of PixelCNN++: two rows above; the row above; the column before, down to the pixel's row.
  const above: ShiftedConv2dOptions = { direction: 'down', shift: [1, 0] };
  expect(seen(conv([2, 3], above), 3, column)).toEqual(block([1, 2], [column - 1, column + 1]));
  expect(seen(conv([1, 3], above), 3, column)).toEqual(block([2, 2], [column - 1, column + 1]));
  expect(seen(conv([2, 1], { direction: 'down-right', shift: [0, 1] }), 3, column)).toEqual(
    block([2, 3], [column - 1, column - 1]),
  );
});

// Down by strides of 2 and up again: still nothing below, and with 'down-right' nothing to the right.
it.each<ShiftDirection>(['down', 'down-right'])('stays causal down and up again: %s', (direction) => {
  const size = direction === 'down' ? [2, 3] : [2, 2];
  const kernel = tf.ones([...size, 1, 1]);
  const net = (x: tf.Tensor) => {
    const down = shiftedConv2d(x, kernel, undefined, { direction, strides: 2 });
    return shiftedConv2dTranspose(down, kernel, undefined, { direction, strides: 2 });
  };
  expect(net(tf.ones([1, SIZE, SIZE, 1])).shape).toEqual([1, SIZE, SIZE, 1]);
  for (const row of [2, 3]) {
    for (const column of [2, 3]) {
      const pixels = seen(net, row, column);
      expect(pixels).toContain(`2 ${column === 2 || direction === 'down-right' ? 2 : 4}`);
      const last = direction === 'down' ? SIZE : column;
      expect(pixels.filter((pixel) => !block([0, row], [0, last]).includes(pixel))).toEqual([]);
    }
  }
});

it('leaves nothing behind but its result', () => {
  const [x, kernel, bias] = [tf.ones([1, 3, 4, 2]), tf.ones([2, 3, 2, 2]), tf.zeros([2])];
  const before = tf.memory().numTensors;
  tf.dispose([
    shiftedConv2d(x, kernel, bias, { direction: 'down', shift: [2, 1] }),
    shiftedConv2d(x, kernel, undefined, { direction: 'down-right', strides: 2 }),
    shiftedConv2dTranspose(x, kernel, bias, { direction: 'down', strides: 2 }),
  ]);
  expect(tf.memory().numTensors).toBe(before);
});

it('says what does not fit', () => {
  const [x, kernel] = [tf.ones([1, 3, 4, 2]), tf.ones([2, 2, 2, 5])];
  const run =
    (options: object, bias?: tf.Tensor, image = x) =>
    () =>
      shiftedConv2d(image, kernel, bias, { direction: 'down-right', ...options } as ShiftedConv2dOptions);
  expect(run({ direction: 'down' })).toThrow(RangeError);
  expect(run({ direction: 'down' })).toThrow("kernel's width must be odd, so that there is a centre, got 2 x 2.");
  expect(run({ direction: 'right' })).toThrow('direction must be "down" or "down-right", got "right".');
  expect(run({ strides: [1, 0] })).toThrow('strides must be one or two positive integers, got [1, 0].');
  expect(run({ shift: [0, -1] })).toThrow('shift must be [down, right], integers from 0, got [0, -1].');
  expect(run({}, tf.zeros([2]))).toThrow('and a bias [F], got [1, 3, 4, 2], [2, 2, 2, 5], [2].');
  expect(run({}, undefined, tf.ones([1, 3, 4, 3]))).toThrow('got [1, 3, 4, 3], [2, 2, 2, 5].');
  const transposed = () => shiftedConv2dTranspose(x, kernel, undefined, { direction: 'down-right' });
  expect(transposed).toThrow('shiftedConv2dTranspose: x must be [B, H, W, C], the kernel [kh, kw, F, C] and a bias');
});
